import type { Sample, Split } from '../data/sample.js';
import type { Judgement } from './judge.js';
import { judge } from './judge.js';
import type { MeasuredData } from './measured-data.js';
import type { MeasuredNetwork, Predictions } from './measured-network.js';
import { probabilitiesOf } from './temperature.js';
import type { TemperatureEffect } from './temperature-effect.js';
import { temperatureEffect } from './temperature-effect.js';

/** Part of a data set, measured. */
export interface MeasuredPart {
  /** Null for pictures that are not split. */
  readonly split: Split | null;
  readonly samples: readonly Sample[];
  /** [samples, classes], row-major. */
  readonly probabilities: Float32Array;
  readonly judgement: Judgement;
  /** Null for weights that are not calibrated. */
  readonly temperature: TemperatureEffect | null;
}

/**
 * All figures of what a network says about part of a data set.
 * @param worst how many of the worst mistakes are listed
 */
export function measurePart(
  { path }: MeasuredData,
  { classes, calibration }: MeasuredNetwork,
  predictions: Pick<Predictions, 'samples' | 'logits'>,
  split: Split | null,
  worst?: number,
): MeasuredPart {
  const { samples, logits } = predictions;
  const probabilities = probabilitiesOf(logits, classes.length, calibration?.temperature);
  return {
    ...{ split, samples, probabilities, judgement: judge(samples, probabilities, classes, worst) },
    temperature: temperatureEffect(calibration, predictions, classes, { split, data: path }),
  };
}
