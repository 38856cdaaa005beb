/** How much of a sweep is done, in epochs. */
import { DEFAULT_CONFIG } from '../../training/config.js';
import type { Trial } from './record.js';
import type { SweepPlan } from './settings.js';

export interface Effort {
  readonly done: number;
  readonly total: number;
}

/**
 * Epochs that are done and epochs that there will be in all. With successive halving so many trials go on as would if each came
 * to the end of its rung. What has failed or stopped early leaves nothing to do.
 * @param underWay epochs of the trials (from 1) that are being trained, since the start of each
 */
export function effortOf(
  { settings, choices, rungs }: SweepPlan,
  trials: readonly Trial[],
  underWay: ReadonlyMap<number, number>,
): Effort {
  const { asha, fixed } = settings;
  const planned = ({ trial }: Pick<Trial, 'trial'>): number => {
    const { epochs = DEFAULT_CONFIG.epochs } = { ...fixed, ...choices[trial - 1] } as { epochs?: number };
    return asha?.minEpochs ?? epochs;
  };
  const trained = ({ trial, result }: Trial): number => Math.max(result?.epochs ?? 0, underWay.get(trial) ?? 0);
  const ended = trials.filter(({ status, trial }) => ['done', 'stopped', 'failed'].includes(status) && !underWay.has(trial));
  const promotions = rungs.slice(1).map((epochs, index) => {
    const promoted = Math.floor(choices.length / (asha?.reductionFactor ?? Infinity) ** (index + 1));
    return promoted * (epochs! - rungs[index]!);
  });
  const done = sum(trials.map(trained));
  const total = sum(trials.map(planned)) + sum(promotions) - sum(ended.map((trial) => Math.max(0, planned(trial) - trained(trial))));
  return { done, total: Math.max(done, total) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
