import type { z } from 'zod';
import { EngineError } from '../../base/errors.js';
import type { ShardExecutor } from '../shards.js';
import type { Tell } from './connection.js';
import { QueueDesk } from './queue-desk.js';
import type { RedisAddress } from './redis-address.js';
import type { TaskInput } from './task.js';

/** How the items of a job become shards in the queue, and what comes of them. */
export interface QueuedJob<Item, Result> {
  /** The folder of the job, which all workers must see under the same path. */
  readonly out: string;
  taskOf(items: readonly Item[]): TaskInput;
  readonly resultSchema: z.ZodType<Result>;
  /** The result of an item that no worker could do. */
  deadResult(item: Item, reason: string): Result;
}

/** Where a job is to be done by workers. */
export interface QueuePlace {
  readonly address: RedisAddress;
  readonly tell: Tell;
}

/**
 * Shards in the queue at once, waiting or under way: enough for a thousand workers, and no more than some ten megabytes
 * in Redis, however long the list is.
 */
const MOST_UNDER_WAY = 1000;
/** Pictures of a shard: at least so many, since a worker does those of one shard side by side. */
const SMALLEST_SHARD = 8;
const LARGEST_SHARD = 100;
/** Shards that a list is cut into at least, if it is long enough, so that there is work for many workers. */
const SHARDS = 200;
/** Items that may fail one after the other before the job as a whole is given up: then it is not for the items. */
const MOST_DEAD_IN_A_ROW = 10;

/**
 * Has shards done by workers on any number of machines, through Redis.
 * @param signal when aborted, shards that no worker has begun are taken back
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function openQueueExecutor<Item, Result>(
  job: QueuedJob<Item, Result>,
  { address, tell }: QueuePlace,
  signal?: AbortSignal,
): Promise<ShardExecutor<Item, Result>> {
  const desk = await QueueDesk.open({ address, tell, out: job.out, resultSchema: job.resultSchema });
  const takeBack = (): void => void desk.takeBack();
  signal?.addEventListener('abort', takeBack);
  return new QueueExecutor(job, desk, () => signal?.removeEventListener('abort', takeBack));
}

class QueueExecutor<Item, Result> implements ShardExecutor<Item, Result> {
  readonly capacity = MOST_UNDER_WAY;
  readonly #job: QueuedJob<Item, Result>;
  readonly #desk: QueueDesk<Result>;
  readonly #whenClosed: () => void;
  #deadInARow = 0;

  constructor(job: QueuedJob<Item, Result>, desk: QueueDesk<Result>, whenClosed: () => void) {
    this.#job = job;
    this.#desk = desk;
    this.#whenClosed = whenClosed;
  }

  shardSize(items: number): number {
    return Math.min(LARGEST_SHARD, Math.max(SMALLEST_SHARD, Math.ceil(items / SHARDS)));
  }

  async run(items: readonly Item[]): Promise<readonly Result[] | undefined> {
    const outcome = await this.#desk.submit(this.#job.taskOf(items));
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'done') {
      this.#deadInARow = 0;
      return outcome.results;
    }
    if (items.length > 1) return await this.#runAlone(items, outcome.id);
    if (++this.#deadInARow < MOST_DEAD_IN_A_ROW) return [this.#job.deadResult(items[0]!, outcome.reason)];
    throw new EngineError(`the workers fail at one item after the other: ${outcome.reason}`, {
      hint: 'Mend what is wrong there, and call the same command again: it goes on where it stopped.',
    });
  }

  async taken(items: readonly Item[]): Promise<void> {
    await this.#desk.taken(this.#job.taskOf(items));
  }

  async close(): Promise<void> {
    this.#whenClosed();
    await this.#desk.close();
  }

  /** One picture that brings workers down takes the others of its shard with it, so each is tried by itself. */
  async #runAlone(items: readonly Item[], id: string): Promise<readonly Result[] | undefined> {
    await this.#desk.forget(id);
    const results: Result[] = [];
    for (const outcome of await Promise.all(items.map((item) => this.run([item])))) {
      if (outcome === undefined) return undefined;
      results.push(...outcome);
    }
    return results;
  }
}
