import { overlap } from '../../src/faces/box.js';
import type { Box } from '../../src/faces/face.js';

/** A face in one frame. */
export interface SeenFace {
  readonly box: Box;
  readonly probabilities: readonly number[] | null;
}

/** A face that is followed from frame to frame. */
export interface TrackedFace extends SeenFace {
  readonly id: number;
  /** Frames in a row in which it was not seen. */
  readonly missed: number;
}

/** Weight of a new frame in the running mean of the probabilities. */
const NEWEST = 0.25;
/** Boxes that share so much of the smaller one are the same face. */
const SAME_FACE = 0.3;
/** Frames that a face is remembered for while it is not seen. */
const PATIENCE = 5;

/** Follows faces through the frames of a camera, and steadies what is said of each. */
export class Tracker {
  #faces: readonly TrackedFace[] = [];
  #count = 0;

  /** Takes a frame and returns the faces in it, those seen before under their old numbers. */
  follow(seen: readonly SeenFace[]): TrackedFace[] {
    const free = new Set(this.#faces);
    const current = seen.map((face): TrackedFace => {
      const [known] = [...free].sort((a, b) => overlap(b.box, face.box) - overlap(a.box, face.box));
      if (known === undefined || overlap(known.box, face.box) < SAME_FACE) return { ...face, id: ++this.#count, missed: 0 };
      free.delete(known);
      return { id: known.id, missed: 0, box: face.box, probabilities: steadied(known.probabilities, face.probabilities) };
    });
    const hidden = [...free].map((face) => ({ ...face, missed: face.missed + 1 })).filter(({ missed }) => missed <= PATIENCE);
    this.#faces = [...current, ...hidden];
    return current;
  }
}

/** The running mean; it still sums to 1. */
function steadied(before: SeenFace['probabilities'], now: SeenFace['probabilities']): SeenFace['probabilities'] {
  if (before === null || now === null) return now;
  return now.map((value, index) => before[index]! + NEWEST * (value - before[index]!));
}
