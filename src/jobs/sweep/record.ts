/** What happens in a sweep, as lines of its journal, and what it comes to for each trial. */
import { z } from 'zod';
import { runResultSchema } from '../runs/run-item.js';
import type { RunResult } from '../runs/run-item.js';
import type { Choice } from './parameters.js';
import type { Metric } from './settings.js';
import { isFalling } from './settings.js';

const step = { trial: z.int().nonnegative(), rung: z.int().nonnegative() };
const peakMemory = z.number().nonnegative().exactOptional();

export const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begun'), ...step }),
  z.object({ kind: z.literal('done'), ...step, peakMemory, result: runResultSchema }),
  z.object({ kind: z.literal('failed'), ...step, peakMemory, reason: z.string() }),
]);
export type SweepRecord = z.infer<typeof recordSchema>;

/** One trial of a sweep. */
export interface Trial {
  /** From 1. */
  readonly trial: number;
  /** Name of the folder of its run. */
  readonly run: string;
  /** The options that are its own. */
  readonly choice: Choice;
  /** `stopped`: done, but not among the best of its rung. */
  readonly status: 'waiting' | 'begun' | 'done' | 'stopped' | 'failed';
  /** The last rung that it has finished, on the validation pictures; undefined when it has finished none. */
  readonly result?: Omit<RunResult, 'problems'>;
  /** Why it failed. */
  readonly reason?: string;
  /** Bytes. */
  readonly peakMemory?: number;
}

/** `trial-001` for trial 0. */
export function runName(trial: number): string {
  return `trial-${String(trial + 1).padStart(3, '0')}`;
}

/** The value of a result, the lower the better. */
export function valueOf(result: Pick<RunResult, Metric>, metric: Metric): number {
  return isFalling(metric) ? result[metric] : -result[metric];
}

/** @param rungs how many there are: a trial that has finished a lower one was stopped there */
export function trialsOf(choices: readonly Choice[], records: readonly SweepRecord[], rungs: number): Trial[] {
  const trials = choices.map((choice, trial): Trial => ({ trial: trial + 1, run: runName(trial), choice, status: 'waiting' }));
  for (const record of records) {
    const before = trials[record.trial];
    if (before === undefined) continue;
    trials[record.trial] = changedBy(record, before, rungs);
  }
  return trials;
}

function changedBy(record: SweepRecord, { reason: _reason, peakMemory = 0, ...before }: Trial, rungs: number): Trial {
  const peak = Math.max(peakMemory, record.kind === 'begun' ? 0 : (record.peakMemory ?? 0));
  const trial = { ...before, ...(peak > 0 ? { peakMemory: peak } : {}) };
  if (record.kind === 'begun') return { ...trial, status: 'begun' };
  if (record.kind === 'failed') return { ...trial, status: 'failed', reason: record.reason };
  const { problems: _problems, ...result } = record.result;
  return { ...trial, status: record.rung === rungs - 1 ? 'done' : 'stopped', result };
}

/** The best first; then those without a result and those that failed, in their order. */
export function ranked(trials: readonly Trial[], metric: Metric): Trial[] {
  const value = ({ result, status }: Trial): number => (result === undefined || status === 'failed' ? Infinity : valueOf(result, metric));
  return trials.toSorted((a, b) => {
    const [first, second] = [value(a), value(b)];
    return first === second ? a.trial - b.trial : first < second ? -1 : 1;
  });
}
