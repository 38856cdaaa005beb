import type { Split } from '../data/sample.js';
import type { MeasuredNetwork, Predictions } from './measured-network.js';
import type { TemperedFigures } from './temperature.js';
import { temperedFigures } from './temperature.js';

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
  calibration: MeasuredNetwork['calibration'],
  { logits, samples }: Pick<Predictions, 'logits' | 'samples'>,
  classes: readonly string[],
  place: { readonly split: Split | null; readonly data: string },
): TemperatureEffect | null {
  if (calibration === undefined) return null;
  return {
    value: calibration.temperature,
    before: temperedFigures(logits, samples, classes, 1),
    fittedHere: place.split === 'valid' && calibration.data === place.data,
  };
}
