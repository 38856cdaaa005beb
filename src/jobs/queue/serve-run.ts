/** One run, as a worker does it: followed by the producer, and left at a checkpoint when somebody wants it so. */
import { WaitingError } from 'bullmq';
import type { Job } from 'bullmq';
import { messageOf } from '../../base/errors.js';
import type { RunOutcome } from '../runs/run-item.js';
import { sparingly } from '../runs/run-progress.js';
import type { ResultFiles } from './result-files.js';
import { doRunTask } from './run-doer.js';
import type { RunTask } from './task.js';
import { idOf } from './task.js';

/** What BullMQ gives with a job, and whether the worker is to end. */
export interface Lease {
  readonly token: string;
  /** Seconds that it holds without a sign of life. */
  readonly seconds: number;
  /** Aborted when another worker may have the job. */
  readonly lost: AbortSignal;
  readonly ending: AbortSignal;
  /** Seconds without a further step after which the run has failed. */
  readonly patience: number;
}

/** Another worker may have the run, or has it. */
export class LostLease extends Error {}

/** Milliseconds between two looks whether the producer wants a run to stop. */
const LOOK_EVERY = 2000;

/**
 * Does a run for as long as the queue lets us have it.
 * @throws {WaitingError} when the worker is to end: the job is back in the queue then
 * @throws {LostLease} and as `doRunTask`
 */
export async function serveRun(job: Job, task: RunTask, results: ResultFiles, lease: Lease): Promise<RunOutcome> {
  const requireLease = async (reason = 'nothing was heard of this worker for too long'): Promise<void> => {
    const isOurs = (await job.extendLock(lease.token, lease.seconds * 1000).catch(() => 0)) === 1;
    if (!isOurs) throw new LostLease(reason);
  };
  // The worker may have slept since it was given the job.
  await requireLease();
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    if (await results.isStopped(idOf(task))) stop.abort();
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY);
  try {
    const report = sparingly((event) => job.updateProgress(event));
    const outcome = await doRunTask(task, report, AbortSignal.any([stop.signal, lease.lost, lease.ending]), lease.patience);
    if (outcome.kind !== 'interrupted' || stop.signal.aborted) return outcome;
    await requireLease();
    await job.moveToWait(lease.token);
    throw new WaitingError();
  } catch (error) {
    if (!(error instanceof WaitingError || error instanceof LostLease)) await requireLease(messageOf(error));
    throw error;
  } finally {
    clearInterval(timer);
  }
}
