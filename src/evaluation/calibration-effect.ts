import type { Sample, Split } from '../data/sample.js';
import type { OutputCalibration } from '../nn/network.js';
import { computeCalibration } from './calibration.js';
import type { OutputScale } from './distributions.js';
import { distributionsOf } from './distributions.js';
import { bandPictures } from './band-pictures.js';
import type { MeasuredNetwork, Predictions } from './measured-network.js';
import { computeMetrics } from './metrics.js';

/** The figures that a calibration is there for. */
export interface CalibrationFigures {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Expected calibration error, 0..1. */
  readonly calibrationError: number;
}

/** What a calibration makes of the figures that it is there for. */
export interface CalibrationEffect {
  /** What the logits of the classes are divided by. */
  readonly value: number;
  /** Whether something is added to them before, so that rare classes are named more often. */
  readonly isAdjusted: boolean;
  /** The figures without it. */
  readonly before: CalibrationFigures;
  /** Whether it was fitted on these very pictures, so that loss and calibration error are too good. */
  readonly fittedHere: boolean;
}

/**
 * What a fitted calibration makes of measured pictures; null for weights that are not calibrated.
 * @param place the split that the pictures are, and the absolute path of their data set
 */
export function calibrationEffect(
  { calibration, scale }: Pick<MeasuredNetwork, 'calibration' | 'scale'>,
  { logits, samples }: Pick<Predictions, 'logits' | 'samples'>,
  place: { readonly split: Split | null; readonly data: string },
): CalibrationEffect | null {
  if (calibration === undefined) return null;
  return {
    value: calibration.temperature,
    isAdjusted: calibration.offsets !== undefined,
    before: calibrationFigures(logits, samples, scale),
    fittedHere: place.split === 'valid' && calibration.data === place.data,
  };
}

/**
 * The figures of predictions, with a calibration or without.
 * @param logits [N, outputs], row-major
 * @param samples [N], with the true classes
 */
export function calibrationFigures(
  logits: Float32Array,
  samples: readonly Pick<Sample, 'age' | 'label'>[],
  scale: OutputScale,
  calibration?: OutputCalibration,
): CalibrationFigures {
  const { labels, probabilities } = bandPictures(samples, distributionsOf(logits, scale, calibration), scale.classes);
  const { loss } = computeMetrics(probabilities, labels, scale.classes);
  return { loss, calibrationError: computeCalibration(probabilities, labels).error };
}
