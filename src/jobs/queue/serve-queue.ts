/** A worker: takes shards from the queue and does them, until it is told to stop. */
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import { messageOf } from '../../base/errors.js';
import { ATTEMPTS_AT_HUNG, Hung } from '../patience.js';
import type { AllowedPlaces } from './allowed-places.js';
import type { Tell } from './connection.js';
import { patientOptions, QUEUE, requireRedis, watchConnection } from './connection.js';
import type { RedisAddress } from './redis-address.js';
import { Idleness } from './idleness.js';
import { ResultFiles } from './result-files.js';
import type { Lease } from './serve-run.js';
import { LostLease, serveRun } from './serve-run.js';
import type { Task } from './task.js';
import { folderOf, idOf, parseTask } from './task.js';
import { TaskDoer } from './task-doer.js';
import { UnusableTask } from './unusable-task.js';

export interface WorkerOptions {
  readonly address: RedisAddress;
  readonly places: AllowedPlaces;
  /** Threads that work at a shard. */
  readonly threads: number;
  /** Seconds without a sign of life after which a shard is given to another worker. */
  readonly stalledAfter: number;
  /** Seconds after which a shard of which no picture gets done has failed, and a run that gets no step further. */
  readonly giveUpAfter: { readonly shard: number; readonly run: number };
  /** Seconds without work after which the worker ends by itself; without it, it waits for ever. */
  readonly idleFor?: number | undefined;
  readonly listen: (event: WorkerEvent) => void;
  readonly tell: Tell;
}

/** What a worker tells of the shards that it does. */
export type WorkerEvent =
  | { readonly kind: 'begun'; readonly id: string; readonly task: Task }
  | { readonly kind: 'done'; readonly id: string; readonly task: Task; readonly seconds: number }
  /** Its job has ended, or the result is there already. */
  | { readonly kind: 'needless'; readonly id: string }
  /** A run that is back in the queue, for another worker to go on with. */
  | { readonly kind: 'left'; readonly id: string }
  /** A run that another worker has by now. */
  | { readonly kind: 'lost'; readonly id: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly id: string; readonly reason: string; readonly attempt: number; readonly attempts: number };

/** How often a shard may bring its worker down before it is taken for dead. */
const MOST_STALLS = 2;
/** Milliseconds before Redis is told once more what became of a shard, when it could not be reached. */
const TELL_AGAIN_AFTER = 2000;

/**
 * Does shards until the signal is aborted; the one under way is then finished.
 * @throws {ConnectionError} when Redis cannot be reached at the start
 */
export async function serveQueue(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { address, places, threads, stalledAfter, giveUpAfter, listen, tell } = options;
  await requireRedis(address);
  const doer = new TaskDoer(places, threads, giveUpAfter.shard);
  const idleness = new Idleness(options.idleFor);
  const connection = watchConnection(address.shown, tell);
  const leaseOf = (token = '', lost = signal): Lease => ({ token, lost, seconds: stalledAfter, ending: signal, patience: giveUpAfter.run });
  // BullMQ gives the signal only to a function with three parameters.
  const work = async (job: Job, token?: string, lost?: AbortSignal) =>
    await idleness.during(() => doJob(job, leaseOf(token, lost), doer, listen));
  const worker = new Worker(QUEUE.name, work, {
    prefix: QUEUE.prefix,
    connection: patientOptions(address),
    concurrency: 1,
    lockDuration: stalledAfter * 1000,
    stalledInterval: stalledAfter * 1000,
    maxStalledCount: MOST_STALLS,
    runRetryDelay: TELL_AGAIN_AFTER,
  });
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id)));
  worker.on('error', (error) => {
    // Of a job that went to another worker; that is no matter of the connection.
    if (!/\block\b/.test(error.message)) connection.failed(error);
  });
  worker.on('ready', connection.works);
  worker.on('active', connection.works);
  worker.on('failed', (job, error) => {
    if (job === undefined) return;
    listen({ kind: 'failed', id: job.id ?? '', reason: messageOf(error), attempt: job.attemptsMade, attempts: job.opts.attempts ?? 1 });
  });
  try {
    await Promise.race([abortOf(signal), idleness.over]);
  } finally {
    idleness.end();
    await worker.close();
    await doer.close();
  }
}

async function doJob(job: Job, lease: Lease, doer: TaskDoer, listen: WorkerOptions['listen']): Promise<void> {
  try {
    const task = parseTask(job.data);
    // By what it asks for, not by what it is called: results have their names from here.
    const id = idOf(task);
    await doer.check(task);
    const results = new ResultFiles(folderOf(task));
    // The queue gives what has one name to one worker at a time; a run under another would be done by two.
    const isCopy = task.kind === 'run' && job.id !== id;
    if (isCopy || !(await results.isOpen()) || (await results.has(id))) {
      listen({ kind: 'needless', id });
      return;
    }
    listen({ kind: 'begun', id, task });
    const start = performance.now();
    await results.write(id, task.kind === 'run' ? [await serveRun(job, task, results, lease)] : await doer.do(task));
    listen({ kind: 'done', id, task, seconds: (performance.now() - start) / 1000 });
  } catch (error) {
    if (error instanceof WaitingError) listen({ kind: 'left', id: job.id ?? '' });
    if (error instanceof LostLease) listen({ kind: 'lost', id: job.id ?? '', reason: error.message });
    const isHopeless = error instanceof UnusableTask || (error instanceof Hung && job.attemptsMade + 1 >= ATTEMPTS_AT_HUNG);
    if (isHopeless) throw new UnrecoverableError(error.message);
    throw error;
  }
}

async function abortOf(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
