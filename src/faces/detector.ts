import { floatTensor } from '../base/tensor.js';
import type { Pyramid } from '../images/pyramid.js';
import type { Runner } from '../runtime/runner.js';
import type { Box, Point } from './face.js';
import { sampleRegion, toPicture } from './region.js';
import type { Region } from './region.js';

/** A face as the detector sees it. */
export interface Detection {
  /** From forehead to chin; upright whatever the roll of the region. */
  readonly box: Box;
  /** 0..1 */
  readonly score: number;
  /** Right eye, left eye, tip of the nose, mouth, right ear and left ear of the person. */
  readonly points: readonly Point[];
}

/** Width and height of the network's input. */
const INPUT_SIZE = 224;
/** Levels 0..255 to -1..1. */
const SCALING = { scale: 1 / 127.5, offset: -1 };
/** The grids of anchors: cells per side, and anchors in the centre of each cell. */
const GRIDS = [
  { cells: INPUT_SIZE / 16, anchors: 2, scores: 'scores_16', boxes: 'boxes_16' },
  { cells: INPUT_SIZE / 32, anchors: 6, scores: 'scores_32', boxes: 'boxes_32' },
] as const;
/** Numbers per anchor: centre and size of the box, then the points; in pixels of the input, from the anchor on. */
const BOX_VALUES = 16;
const POINTS = 6;
/** Boxes that overlap by more than this (intersection over union) are one face. */
const SAME_FACE = 0.3;

/**
 * BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond neural face detection on mobile GPUs", 2019), the larger
 * model of MediaPipe for the back camera.
 */
export class FaceDetector {
  readonly #network: Runner;
  /** Used again for each picture: these are most of the memory that would have to be cleared away. */
  readonly #images = floatTensor(new Float32Array(3 * INPUT_SIZE ** 2), [1, 3, INPUT_SIZE, INPUT_SIZE]);

  /** @param network `images` [1, 3, 224, 224] in -1..1 to scores and boxes of the 686 anchors */
  constructor(network: Runner) {
    this.#network = network;
  }

  /**
   * The faces in a region of a picture with a score of at least `threshold`, the surest first, each once. One call at a
   * time.
   * @throws {EngineError}
   */
  async detect(pyramid: Pyramid, region: Region, threshold: number): Promise<Detection[]> {
    const images = this.#images;
    sampleRegion(pyramid, region, INPUT_SIZE, SCALING, images.data);
    const outputs = await this.#network.run({ images });
    const candidates = GRIDS.flatMap(({ cells, anchors, scores, boxes }) =>
      readGrid(outputs[scores]!.data as Float32Array, outputs[boxes]!.data as Float32Array, cells, anchors, threshold),
    );
    return merge(candidates).map((candidate) => inPicture(candidate, region));
  }

  async dispose(): Promise<void> {
    await this.#network.dispose();
  }
}

/** A box in fractions of the region, and the score of it. */
interface Candidate {
  readonly score: number;
  /** Centre x and y, width, height, then x and y of the points. */
  readonly values: readonly number[];
}

function readGrid(
  logits: Float32Array,
  boxes: Float32Array,
  cells: number,
  anchors: number,
  threshold: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  const least = Math.log(threshold / (1 - threshold));
  for (let index = 0; index < logits.length; index++) {
    // Nearly all fail, and the logarithm of the threshold is cheaper than the exponential of each.
    if (!(logits[index]! >= least)) continue;
    const score = 1 / (1 + Math.exp(-logits[index]!));
    const cell = Math.floor(index / anchors);
    const anchor = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells] as const;
    const raw = boxes.subarray(index * BOX_VALUES, (index + 1) * BOX_VALUES);
    const values = Array.from(raw, (value, position) => {
      const isSize = position === 2 || position === 3;
      return value / INPUT_SIZE + (isSize ? 0 : anchor[position % 2]!);
    });
    candidates.push({ score, values });
  }
  return candidates.sort((a, b) => b.score - a.score);
}

/** Boxes of the same face become their mean, weighted by score, which is steadier than the best of them. */
function merge(candidates: readonly Candidate[]): Candidate[] {
  const merged: Candidate[] = [];
  let left = [...candidates].sort((a, b) => b.score - a.score);
  while (left.length > 0) {
    const best = left[0]!;
    const same = left.filter((other) => other === best || overlap(best, other) > SAME_FACE);
    const total = same.reduce((sum, { score }) => sum + score, 0);
    const values = best.values.map(
      (_, index) => same.reduce((sum, { score, values: own }) => sum + score * own[index]!, 0) / total,
    );
    merged.push({ score: best.score, values });
    left = left.filter((other) => !same.includes(other));
  }
  return merged;
}

/** Intersection over union of two boxes. */
function overlap({ values: a }: Candidate, { values: b }: Candidate): number {
  const intersection = sharedExtent(a, b, 0) * sharedExtent(a, b, 1);
  return intersection / (a[2]! * a[3]! + b[2]! * b[3]! - intersection);
}

function sharedExtent(a: readonly number[], b: readonly number[], axis: 0 | 1): number {
  const end = Math.min(a[axis]! + a[axis + 2]! / 2, b[axis]! + b[axis + 2]! / 2);
  return Math.max(0, end - Math.max(a[axis]! - a[axis + 2]! / 2, b[axis]! - b[axis + 2]! / 2));
}

function inPicture({ score, values }: Candidate, region: Region): Detection {
  const centre = toPicture(region, values[0]!, values[1]!);
  const width = values[2]! * region.side;
  const height = values[3]! * region.side;
  const points = Array.from({ length: POINTS }, (_, point) =>
    toPicture(region, values[4 + 2 * point]!, values[5 + 2 * point]!),
  );
  return { box: { left: centre.x - width / 2, top: centre.y - height / 2, width, height }, score, points };
}
