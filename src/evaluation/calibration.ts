/** Whether a classifier is as sure as it is right (Guo et al., "On calibration of modern neural networks", ICML 2017). */
import { likeliest } from '../base/likeliest.js';

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

/**
 * @param probabilities [N, classes], row-major; N at least 1
 * @param labels [N], indices of the true classes
 */
export function computeCalibration(probabilities: Float32Array, labels: Int32Array, bins = BINS): Calibration {
  const classes = probabilities.length / labels.length;
  const sums = Array.from({ length: bins }, () => ({ pictures: 0, confidence: 0, right: 0 }));
  labels.forEach((label, picture) => {
    const row = probabilities.subarray(picture * classes, (picture + 1) * classes);
    const predicted = likeliest(row);
    const confidence = row[predicted]!;
    const bin = sums[Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1)]!;
    bin.pictures += 1;
    bin.confidence += confidence;
    bin.right += predicted === label ? 1 : 0;
  });
  const gap = sums.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0);
  return {
    error: gap / labels.length,
    bins: sums.map(({ pictures, confidence, right }, index) => ({
      from: index / bins,
      to: (index + 1) / bins,
      pictures,
      confidence: pictures === 0 ? null : confidence / pictures,
      accuracy: pictures === 0 ? null : right / pictures,
    })),
  };
}
