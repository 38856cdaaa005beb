import type { Sample, Split } from '../data/sample.js';
import type { Distributions } from './distributions.js';
import { distributionsOf } from './distributions.js';
import type { Judgement } from './judge.js';
import { judge } from './judge.js';
import type { MeasuredData } from './measured-data.js';
import type { MeasuredNetwork, Predictions } from './measured-network.js';
import type { CalibrationEffect } from './calibration-effect.js';
import { calibrationEffect } from './calibration-effect.js';

/** Part of a data set, measured. */
export interface MeasuredPart {
  /** Null for pictures that are not split. */
  readonly split: Split | null;
  readonly samples: readonly Sample[];
  /** What the network says of the samples. */
  readonly distributions: Distributions;
  readonly judgement: Judgement;
  /** Null for weights that are not calibrated. */
  readonly temperature: CalibrationEffect | null;
}

/**
 * All figures of what a network says about part of a data set.
 * @param worst how many of the worst mistakes are listed
 */
export function measurePart(
  { path }: MeasuredData,
  network: Pick<MeasuredNetwork, 'classes' | 'scale' | 'calibration'>,
  predictions: Pick<Predictions, 'samples' | 'logits'>,
  split: Split | null,
  worst?: number,
): MeasuredPart {
  const { samples, logits } = predictions;
  const distributions = distributionsOf(logits, network.scale, network.calibration);
  return {
    ...{ split, samples, distributions, judgement: judge(samples, distributions, network.classes, worst) },
    temperature: calibrationEffect(network, predictions, { split, data: path }),
  };
}
