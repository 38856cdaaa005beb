import { describe, expect, it } from 'vitest';
import { effortOf } from './effort.js';
import type { Choice } from './parameters.js';
import type { Trial } from './record.js';
import type { SweepPlan, SweepSettings } from './settings.js';

const planOf = (choices: Choice[], settings: Partial<SweepSettings>, rungs: (number | undefined)[] = [undefined]): SweepPlan => ({
  settings: { fixed: {}, ...settings } as SweepSettings,
  ...{ choices, rungs, device: 'cpu' as const, parallel: 1, threads: 1, memory: undefined },
});
const trialOf = (trial: number, status: Trial['status'], epochs?: number): Trial => ({
  ...{ trial, run: '', choice: {}, status },
  ...(epochs === undefined ? {} : { result: { epochs } as NonNullable<Trial['result']> }),
});

describe('the effort of a sweep', () => {
  it('is the epochs of all trials; what stopped early or failed leaves nothing to do', () => {
    const plan = planOf([{ epochs: 10 }, { epochs: 20 }, {}, {}], { fixed: { epochs: 5 } });
    const trials = [trialOf(1, 'done', 4), trialOf(2, 'begun'), trialOf(3, 'failed'), trialOf(4, 'waiting')];
    expect(effortOf(plan, trials, new Map([[2, 7.5]]))).toEqual({ done: 11.5, total: 29 });
  });

  it('takes the standard epochs where none are given', () => {
    expect(effortOf(planOf([{}, {}], {}), [trialOf(1, 'waiting'), trialOf(2, 'waiting')], new Map())).toEqual({ done: 0, total: 80 });
  });

  it('of successive halving is that of the trials that will go on', () => {
    const asha = { minEpochs: 2, maxEpochs: 18, reductionFactor: 3 };
    const plan = planOf(Array.from({ length: 9 }, () => ({})), { asha }, [2, 6, 18]);
    // Nine trials of 2 epochs, three of 4 more, and one of 12 more.
    const trials = [trialOf(1, 'stopped', 2), trialOf(2, 'begun', 2), trialOf(3, 'failed'), ...[4, 5, 6, 7, 8, 9].map((trial) => trialOf(trial, 'waiting'))];
    expect(effortOf(plan, trials, new Map([[2, 3]]))).toEqual({ done: 5, total: 18 + 12 + 12 - 2 });
  });
});
