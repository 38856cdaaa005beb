/** Whether a classifier is as sure as it is right (Guo et al., "On calibration of modern neural networks", ICML 2017). */
import { likeliest } from '../base/likeliest.js';
import type { Interval } from './intervals.js';
import { bootstrap } from './intervals.js';

/** Pictures whose likeliest class has a probability in (from, to]. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly pictures: number;
  /** Mean probability of the likeliest class; null when there are no pictures. */
  readonly confidence: number | null;
  /** Share of the pictures whose likeliest class is right; null when there are none. */
  readonly accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error: mean distance between confidence and accuracy of the bins, weighted by pictures, 0..1. */
  readonly error: number;
  /** Of equal width, from 0 to 1: the points of a reliability diagram. */
  readonly bins: readonly CalibrationBin[];
}

const BINS = 15;
/** What is summed up in each bin, one after the other. */
const [PICTURES, CONFIDENCE, RIGHT, SUMS] = [0, 1, 2, 3] as const;

/**
 * @param probabilities [N, classes], row-major; N at least 1
 * @param labels [N], indices of the true classes
 */
export function computeCalibration(probabilities: Float32Array, labels: Int32Array, bins = BINS): Calibration {
  const sums = tally(probabilities, labels, labels.keys(), bins);
  const mean = (bin: number, sum: number): number | null => {
    const pictures = sums[SUMS * bin + PICTURES]!;
    return pictures === 0 ? null : sums[SUMS * bin + sum]! / pictures;
  };
  return {
    error: errorOf(sums),
    bins: Array.from({ length: bins }, (_, bin) => ({
      ...{ from: bin / bins, to: (bin + 1) / bins, pictures: sums[SUMS * bin + PICTURES]! },
      ...{ confidence: mean(bin, CONFIDENCE), accuracy: mean(bin, RIGHT) },
    })),
  };
}

/**
 * 95 % interval of the calibration error, when whole groups are drawn again. Chance moves a bin off the diagonal as it moves it
 * on, so draws are off by more than the pictures themselves: the interval lies high.
 * @param groups indices of the pictures of each subject
 * @returns null when there are fewer than two groups
 */
export function calibrationInterval(
  probabilities: Float32Array,
  labels: Int32Array,
  groups: readonly (readonly number[])[],
): Interval | null {
  const tallies = groups.map((members) => tally(probabilities, labels, members, BINS));
  return bootstrap(tallies, (sums) => ({ error: errorOf(sums) }))?.error ?? null;
}

/** The sums of all bins over some pictures, [bins · 3]. */
function tally(probabilities: Float32Array, labels: Int32Array, members: Iterable<number>, bins: number): Float64Array {
  const classes = probabilities.length / labels.length;
  const sums = new Float64Array(SUMS * bins);
  for (const picture of members) {
    const row = probabilities.subarray(picture * classes, (picture + 1) * classes);
    const predicted = likeliest(row);
    const confidence = row[predicted]!;
    const bin = Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1);
    sums[SUMS * bin + PICTURES]! += 1;
    sums[SUMS * bin + CONFIDENCE]! += confidence;
    sums[SUMS * bin + RIGHT]! += predicted === labels[picture]! ? 1 : 0;
  }
  return sums;
}

function errorOf(sums: Float64Array): number {
  let [gap, pictures] = [0, 0];
  for (let start = 0; start < sums.length; start += SUMS) {
    gap += Math.abs(sums[start + CONFIDENCE]! - sums[start + RIGHT]!);
    pictures += sums[start + PICTURES]!;
  }
  return gap / pictures;
}
