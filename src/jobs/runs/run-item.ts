/** Training runs as items of a job: what is asked for, and what comes of it. Both are plain values. */
import { z } from 'zod';
import { transferredErrorSchema } from '../../base/error-transfer.js';
import type { TrainingEvent } from '../../training/events.js';
import type { LockKind } from '../../training/run-lock.js';

/** A run to train and to measure. */
export interface RunItem {
  /** Folder of the run. It may hold an interrupted or paused run, which goes on. */
  readonly out: string;
  /** Settings of the run, should it have to be started. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Epoch after which to pause, from 1; without it, it is trained to the end. */
  readonly until?: number;
  /** The part of its pictures to measure it on. */
  readonly split: 'valid' | 'test';
  /** `leased`: a queue has given the run to this process. */
  readonly lock?: LockKind;
}

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
export const problemSchema = z.object({ file: z.string(), line: z.int().exactOptional(), reason: z.string() });

/** What the best weights of a run do on one split, and what it took. */
export const runResultSchema = z.object({
  pictures: count,
  /** A picture without a group counts as one. */
  subjects: count,
  /** As in `Headlines`. */
  loss: z.number(),
  accuracy: share,
  oneOff: share,
  balancedAccuracy: share,
  meanClassError: z.number().nonnegative(),
  /** Mean absolute error in years over the pictures of known age; null where there are none. */
  ageError: z.object({ years: z.number().nonnegative(), pictures: count }).nullable(),
  calibrationError: share,
  /** Counts by [true class][predicted class]. */
  confusion: z.array(z.array(count)),
  /** The epoch of the best weights, and how many epochs were trained. */
  bestEpoch: count,
  epochs: count,
  /** Of all epochs, with their validation. */
  seconds: z.number().nonnegative(),
  /** Pictures of the split that were left out. */
  problems: z.array(problemSchema),
});
export type RunResult = z.infer<typeof runResultSchema>;

const outcomeSchema = {
  out: z.string(),
  /** The most memory that the process of the run ever held, in bytes, where it has one of its own. */
  peakMemory: z.number().nonnegative().exactOptional(),
};

/** What became of a run. */
export const runOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), ...outcomeSchema, result: runResultSchema }),
  z.object({ kind: z.literal('failed'), ...outcomeSchema, error: transferredErrorSchema }),
  z.object({ kind: z.literal('interrupted'), ...outcomeSchema }),
]);
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

/** What a run tells while it is under way. */
export type RunEvent = TrainingEvent | { readonly kind: 'evaluation'; readonly done: number; readonly total: number };
export type RunListener = (out: string, event: RunEvent) => void;
