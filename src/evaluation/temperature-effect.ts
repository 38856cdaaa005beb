import type { Sample, Split } from '../data/sample.js';
import { computeCalibration } from './calibration.js';
import type { OutputScale } from './distributions.js';
import { distributionsOf } from './distributions.js';
import { bandPictures } from './judge.js';
import type { MeasuredNetwork, Predictions } from './measured-network.js';
import { computeMetrics } from './metrics.js';

/** The figures that a temperature changes. */
export interface TemperedFigures {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Expected calibration error, 0..1. */
  readonly calibrationError: number;
}

/** What a temperature makes of the figures that depend on it. */
export interface TemperatureEffect {
  /** What the logits are divided by. */
  readonly value: number;
  /** The figures with the temperature 1. */
  readonly before: TemperedFigures;
  /** Whether it was fitted on these very pictures, so that loss and calibration error are too good. */
  readonly fittedHere: boolean;
}

/**
 * What a fitted temperature makes of measured pictures; null for weights that are not calibrated.
 * @param place the split that the pictures are, and the absolute path of their data set
 */
export function temperatureEffect(
  { calibration, scale }: Pick<MeasuredNetwork, 'calibration' | 'scale'>,
  { logits, samples }: Pick<Predictions, 'logits' | 'samples'>,
  place: { readonly split: Split | null; readonly data: string },
): TemperatureEffect | null {
  if (calibration === undefined) return null;
  return {
    value: calibration.temperature,
    before: temperedFigures(logits, samples, scale, 1),
    fittedHere: place.split === 'valid' && calibration.data === place.data,
  };
}

/**
 * What a temperature makes of predictions.
 * @param logits [N, outputs], row-major
 * @param samples [N], with the true classes
 */
export function temperedFigures(
  logits: Float32Array,
  samples: readonly Pick<Sample, 'age' | 'label'>[],
  scale: OutputScale,
  temperature: number,
): TemperedFigures {
  const { labels, probabilities } = bandPictures(samples, distributionsOf(logits, scale, temperature), scale.classes);
  const { loss } = computeMetrics(probabilities, labels, scale.classes);
  return { loss, calibrationError: computeCalibration(probabilities, labels).error };
}
