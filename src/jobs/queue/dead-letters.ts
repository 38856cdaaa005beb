/** Shards that no worker could do: they stay in Redis until somebody wants another attempt. */
import type { Job } from 'bullmq';
import { ConfigError } from '../../base/errors.js';
import { plainText } from '../../base/plain-text.js';
import type { Tell } from './connection.js';
import { openQueue } from './connection.js';
import { DeadLetterBox } from './dead-letter-box.js';
import type { RedisAddress } from './redis-address.js';
import { firstOf, folderOf, parseTask } from './task.js';

export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  /** The folder of its job; undefined for what is no shard at all. */
  readonly out: string | undefined;
  /** The first of its items, and how many there are. */
  readonly first: string | undefined;
  readonly items: number;
  readonly reason: string;
  readonly attempts: number;
  /** When the last attempt ended. */
  readonly time: string;
}

/** How the shards in the queue stand. */
export interface QueueCounts {
  readonly workers: number;
  readonly waiting: number;
  readonly active: number;
  /** Those that wait for their next attempt. */
  readonly delayed: number;
  readonly dead: number;
}

type Listener = (done: number, total: number) => void;

/** @throws {ConnectionError} when Redis cannot be reached */
export async function countQueue(address: RedisAddress): Promise<QueueCounts> {
  const queue = await openQueue(address);
  try {
    const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { workers: await queue.getWorkersCount(), waiting, active, delayed, dead: failed };
  } finally {
    await queue.close();
  }
}

/**
 * The dead letters, the latest first. They are read as they are asked for: a million of them would be gigabytes.
 * @param listen is told how many have been read of those that were there at the start
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function* listDeadLetters(address: RedisAddress, tell: Tell, listen: Listener): AsyncGenerator<DeadLetter, void, undefined> {
  const box = await DeadLetterBox.open(address, tell);
  try {
    const total = await box.count();
    let read = 0;
    for await (const jobs of box.pages()) {
      for (const job of jobs) yield letterOf(job);
      listen((read += jobs.length), total);
    }
  } finally {
    await box.close();
  }
}

/**
 * Puts dead letters back into the queue, with all their attempts. Killed on its way, it has put back some, and the others
 * are dead letters still.
 * @param ids which; all of them when there are none, but for those that die meanwhile
 * @param listen is told how many have been put back of those that are to be
 * @returns how many were put back
 * @throws {ConnectionError} when Redis cannot be reached
 * @throws {ConfigError} when one is not there; none is put back then
 */
export async function requeueDeadLetters(address: RedisAddress, ids: readonly string[], tell: Tell, listen: Listener): Promise<number> {
  const box = await DeadLetterBox.open(address, tell);
  try {
    if (ids.length > 0) {
      await requireAll(box, ids);
      return await box.requeue(await box.jobs([...new Set(ids)]));
    }
    const total = await box.count();
    let requeued = 0;
    for await (const jobs of box.pages()) listen((requeued += await box.requeue(jobs)), total);
    return requeued;
  } finally {
    await box.close();
  }
}

async function requireAll(box: DeadLetterBox, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if (!(await box.has(id))) throw new ConfigError(`${id}: there is no such dead letter`, { hint: 'See: ageband queue dead' });
  }
}

function letterOf({ id, name, data, failedReason, attemptsMade, finishedOn }: Job): DeadLetter {
  const known = {
    id: plainText(id ?? ''),
    reason: plainText(failedReason),
    attempts: attemptsMade,
    time: new Date(finishedOn ?? 0).toISOString(),
  };
  try {
    const task = parseTask(data);
    return { ...known, kind: task.kind, out: plainText(folderOf(task)), first: plainText(firstOf(task)), items: task.items.length };
  } catch {
    return { ...known, kind: plainText(name), out: undefined, first: undefined, items: 0 };
  }
}
