import { overlap } from '../../src/faces/box.js';
import type { Box } from '../../src/faces/face.js';
import type { Said } from '../engine/messages.js';

/** A face in one frame. */
export interface SeenFace extends Said {
  readonly box: Box;
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
      return { id: known.id, missed: 0, box: face.box, ...steadied(known, face) };
    });
    const hidden = [...free].map((face) => ({ ...face, missed: face.missed + 1 })).filter(({ missed }) => missed <= PATIENCE);
    this.#faces = [...current, ...hidden];
    return current;
  }
}

/** The running means; they still sum to 1. */
function steadied(before: Said, now: Said): Said {
  const mean = (old: readonly number[], values: readonly number[]): number[] =>
    values.map((value, index) => old[index]! + NEWEST * (value - old[index]!));
  return {
    probabilities: mean(before.probabilities, now.probabilities),
    years: before.years && now.years && mean(before.years, now.years),
  };
}
