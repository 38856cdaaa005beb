/** The producer's side of the queue: hands shards in and waits for what becomes of each. */
import type { Job, Queue, QueueEvents } from 'bullmq';
import type { z } from 'zod';
import { plainText } from '../../base/plain-text.js';
import type { Tell } from './connection.js';
import { openEvents, openQueue, watchConnection } from './connection.js';
import type { RedisAddress } from './redis-address.js';
import { ResultFiles } from './result-files.js';
import type { Task, TaskInput } from './task.js';
import { idOf, parseTask } from './task.js';

/** What became of a shard: its results in the order of its items, or why no worker could do it. */
export type ShardOutcome<Result> =
  | { readonly kind: 'done'; readonly id: string; readonly results: readonly Result[] }
  | { readonly kind: 'dead'; readonly id: string; readonly reason: string };

export interface DeskOptions<Result> {
  readonly address: RedisAddress;
  /** The folder of the job. */
  readonly out: string;
  readonly resultSchema: z.ZodType<Result>;
  readonly tell: Tell;
  /** Is told what a shard that is under way tells, unchecked. */
  readonly hear?: (id: string, progress: unknown) => void;
  /** Is told every other second how many workers there are, while anything is under way. */
  readonly onWorkers?: (count: number) => void;
}

/** Attempts at a shard, and milliseconds before the second one, which double with each further one. */
const ATTEMPTS = 4;
const FIRST_DELAY = 2000;
/** Milliseconds between two looks at every shard under way: events get lost when Redis is restarted. */
const LOOK_EVERY = 2000;
/** Milliseconds that a shared file system may take to show a result that a worker has written. */
const LONGEST_LAG = 60_000;

interface Pending<Result> {
  readonly task: Task;
  readonly settle: (outcome: ShardOutcome<Result> | undefined) => void;
  readonly fail: (error: unknown) => void;
  /** When a worker said that it is done, though its result is not to be seen yet. */
  completedAt?: number;
}

export class QueueDesk<Result> {
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #options: DeskOptions<Result>;
  readonly #results: ResultFiles;
  readonly #pending = new Map<string, Pending<Result>>();
  readonly #connection: ReturnType<typeof watchConnection>;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #saidThatNobodyWorks = false;

  private constructor(queue: Queue, options: DeskOptions<Result>) {
    const { address, tell, out, hear } = options;
    this.#queue = queue;
    this.#options = options;
    this.#results = new ResultFiles(out);
    this.#connection = watchConnection(address.shown, tell);
    this.#events = openEvents(address);
    queue.on('error', this.#connection.failed);
    this.#events.on('error', this.#connection.failed);
    this.#events.on('completed', ({ jobId }) => this.#completed(jobId));
    this.#events.on('failed', ({ jobId }) => this.#lookSoon(jobId));
    this.#events.on('progress', ({ jobId, data }) => {
      if (this.#pending.has(jobId)) hear?.(jobId, data);
    });
    this.#lookLater();
  }

  /** @throws {ConnectionError} when Redis cannot be reached */
  static async open<Result>(options: DeskOptions<Result>): Promise<QueueDesk<Result>> {
    const queue = await openQueue(options.address);
    const desk = new QueueDesk(queue, options);
    await desk.#results.open();
    return desk;
  }

  /** Hands a shard in. The outcome is undefined when it was taken back. */
  async submit(input: TaskInput): Promise<ShardOutcome<Result> | undefined> {
    const task = parseTask(input);
    const id = idOf(task);
    const outcome = new Promise<ShardOutcome<Result> | undefined>((settle, fail) => this.#pending.set(id, { task, settle, fail }));
    this.#handIn(id, task).catch((error: unknown) => this.#fail(id, error));
    return await outcome;
  }

  /** Removes the result of a shard, when it is safe elsewhere. */
  async taken(input: TaskInput): Promise<void> {
    await this.#results.remove(idOf(parseTask(input)));
  }

  /** Removes a dead shard that other shards stand for. */
  async forget(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  /** Takes back what no worker has begun, and waits no longer for the rest: its results are found by the next producer. */
  async takeBack(): Promise<void> {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const [, { settle }] of pending) settle(undefined);
    await Promise.all(pending.map(([id]) => this.#queue.remove(id).catch(() => undefined)));
  }

  /**
   * Takes back what no worker has begun, and has workers stop what they have begun, which is waited for as before. One that cannot
   * be asked to stop fails.
   */
  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.#pending.keys()].map(async (id) => {
        const isTakenBack = await this.#queue.remove(id).catch(() => 0);
        if (isTakenBack === 1) this.#settle(id, undefined);
        else if (this.#pending.has(id)) await this.#results.stop(id).catch((error: unknown) => this.#fail(id, error));
      }),
    );
  }

  async countWorkers(): Promise<number> {
    // Some servers do not say who is connected.
    return await this.#queue.getWorkersCount().catch(() => 1);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#queue.close(), this.#events.close()]).catch(() => undefined);
  }

  async #handIn(id: string, task: Task): Promise<void> {
    const state = await this.#queue.getJobState(id);
    // One that is dead was so for an earlier producer: whoever calls again wants another attempt.
    if (state === 'failed') await this.#queue.remove(id);
    if (state === 'failed' || state === 'unknown') await this.#add(id, task);
  }

  async #add(id: string, task: Task): Promise<void> {
    await this.#queue.add(task.kind, task, {
      jobId: id,
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: FIRST_DELAY, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: 0,
    });
  }

  #completed(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.completedAt = performance.now();
    this.#lookSoon(id);
  }

  #lookSoon(id: string): void {
    this.#look(id).catch((error: unknown) => this.#fail(id, error));
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.#lookAtAll().finally(() => this.#lookLater());
    }, LOOK_EVERY);
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all([...this.#pending.keys()].map((id) => this.#look(id).catch((error: unknown) => this.#fail(id, error))));
    if (this.#pending.size === 0 || this.#isClosed) return;
    const workers = await this.countWorkers();
    this.#connection.works();
    this.#options.onWorkers?.(workers);
    if (workers === 0 && !this.#saidThatNobodyWorks) {
      this.#options.tell(`No worker is there yet. Start some: ageband worker --redis ${this.#options.address.shown}`);
    }
    this.#saidThatNobodyWorks = workers === 0;
  }

  async #look(id: string): Promise<void> {
    const state = await this.#queue.getJobState(id);
    const pending = this.#pending.get(id);
    if (pending === undefined || this.#isClosed) return;
    if (state === 'failed') {
      const job = (await this.#queue.getJob(id)) as Job | undefined;
      this.#settle(id, { kind: 'dead', id, reason: plainText(job?.failedReason ?? 'unknown') });
    } else if (state === 'unknown' || state === 'completed') await this.#lookForResult(id, pending);
  }

  async #lookForResult(id: string, { task, completedAt }: Pending<Result>): Promise<void> {
    const results = await this.#results.read(id, this.#options.resultSchema);
    if (results?.length === task.items.length) this.#settle(id, { kind: 'done', id, results });
    else if (!this.#pending.has(id)) return;
    else if (completedAt === undefined || performance.now() - completedAt > LONGEST_LAG) {
      // Redis was restarted without what it held.
      delete this.#pending.get(id)!.completedAt;
      await this.#queue.remove(id);
      await this.#add(id, task);
    }
  }

  #settle(id: string, outcome: ShardOutcome<Result> | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settle(outcome);
  }

  #fail(id: string, error: unknown): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.fail(error);
  }
}
