/** Shards that no worker could do: they stay in Redis until somebody wants another attempt. */
import type { Job } from 'bullmq';
import { ConfigError } from '../../base/errors.js';
import { plainText } from '../../base/plain-text.js';
import { openQueue } from './connection.js';
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
 * The dead letters, the latest first.
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function listDeadLetters(address: RedisAddress): Promise<DeadLetter[]> {
  const queue = await openQueue(address);
  try {
    return ((await queue.getFailed()) as Job[]).map(letterOf);
  } finally {
    await queue.close();
  }
}

/**
 * Puts dead letters back into the queue, with all their attempts.
 * @param ids which; all of them when there are none
 * @returns how many were put back
 * @throws {ConnectionError} when Redis cannot be reached
 * @throws {ConfigError} when one is not there; none is put back then
 */
export async function requeueDeadLetters(address: RedisAddress, ids: readonly string[]): Promise<number> {
  const queue = await openQueue(address);
  try {
    const dead = (await queue.getFailed()) as Job[];
    const missing = ids.find((id) => !dead.some((job) => job.id === id));
    if (missing !== undefined) {
      throw new ConfigError(`${missing}: there is no such dead letter`, { hint: 'See: ageband queue dead' });
    }
    const chosen = dead.filter(({ id }) => ids.length === 0 || ids.includes(id!));
    for (const job of chosen) {
      // As a new one: what counts the attempts and the workers that it brought down begins again.
      const { name, data, opts, id } = job as Job<unknown>;
      await queue.remove(id!);
      await queue.add(name, data, { ...opts, jobId: id! });
    }
    return chosen.length;
  } finally {
    await queue.close();
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
