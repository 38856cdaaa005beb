import type { Job, Queue } from 'bullmq';
import { ErrorCode } from 'bullmq';
import { Redis } from 'ioredis';
import type { Tell } from './connection.js';
import { openQueue, patientOptions, watchConnection } from './connection.js';
import type { RedisAddress } from './redis-address.js';

/** Letters that are held at once; each has the names of up to 1,000 pictures. */
const PAGE = 100;
/** Fields of BullMQ's that outlive `retry`: how many workers a job has brought down, and that it is to fail for that. */
const COUNTERS = ['stc', 'defa'] as const;

/** Dead letters as they lie in Redis, where BullMQ sorts them by the time of their last attempt. */
export class DeadLetterBox {
  readonly #queue: Queue;
  readonly #redis: Redis;
  readonly #dead: string;

  private constructor(queue: Queue, address: RedisAddress, tell: Tell) {
    this.#queue = queue;
    this.#dead = queue.toKey('failed');
    this.#redis = new Redis(patientOptions(address));
    const connection = watchConnection(address.shown, tell);
    for (const client of [queue, this.#redis]) client.on('error', connection.failed);
    this.#redis.on('ready', connection.works);
  }

  /** @throws {ConnectionError} when Redis cannot be reached */
  static async open(address: RedisAddress, tell: Tell): Promise<DeadLetterBox> {
    return new DeadLetterBox(await openQueue(address), address, tell);
  }

  async count(): Promise<number> {
    return await this.#redis.zcard(this.#dead);
  }

  async has(id: string): Promise<boolean> {
    return (await this.#redis.zscore(this.#dead, id)) !== null;
  }

  /**
   * The letters that are there now, page by page, the latest first. Each that stays there comes once, whatever is removed
   * or added meanwhile: pages go on by the time where the last one ended, not by a count that shifts.
   */
  async *pages(): AsyncGenerator<readonly Job[], void, undefined> {
    let time = '+inf';
    /** Those of exactly that time that have come already. */
    let seen = new Set<string>();
    for (;;) {
      const found = await this.#redis.zrevrangebyscore(this.#dead, time, '-inf', 'WITHSCORES', 'LIMIT', 0, PAGE + seen.size);
      const page = pairsOf(found).filter(([id]) => !seen.has(id)).slice(0, PAGE);
      if (page.length === 0) return;
      const last = page.at(-1)![1];
      if (last !== time) seen = new Set();
      time = last;
      for (const [id, score] of page) if (score === last) seen.add(id);
      yield await this.jobs(page.map(([id]) => id));
    }
  }

  /** Those of these that are there. */
  async jobs(ids: readonly string[]): Promise<Job[]> {
    const jobs = (await Promise.all(ids.map((id) => this.#queue.getJob(id)))) as (Job | undefined)[];
    return jobs.filter((job) => job !== undefined);
  }

  /**
   * Puts letters back into the queue, as if they had never been tried. Each is a letter until the single moment in which
   * Redis moves it to those that wait, so that a crash loses none.
   * @returns how many: those that somebody else has put back or removed by now do not count
   */
  async requeue(jobs: readonly Job[]): Promise<number> {
    const moved = await Promise.all(jobs.map((job) => this.#requeue(job)));
    return moved.filter(Boolean).length;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    await this.#queue.close();
  }

  async #requeue(job: Job): Promise<boolean> {
    // Before it waits: a worker may take it at once. A letter that stays one misses nothing without them.
    await this.#redis.hdel(this.#queue.toKey(job.id!), ...COUNTERS);
    try {
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === ErrorCode.JobNotInState || code === ErrorCode.JobNotExist) return false;
      throw error;
    }
  }
}

/** Members and their scores, as Redis lists them one after the other. */
function pairsOf(found: readonly string[]): [id: string, score: string][] {
  return Array.from({ length: found.length / 2 }, (_, index) => [found[2 * index]!, found[2 * index + 1]!]);
}
