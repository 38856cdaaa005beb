import { messageOf } from '../../base/errors.js';
import { WorkerPool } from '../../base/worker-pool.node.js';
import { RequestError } from '../request-error.js';
import type { PictureAnswer, PictureTask } from './task.js';

export interface DispatcherSettings {
  /** Script of the threads, which calls `serveTasks` with lists of tasks. */
  readonly entry: URL;
  /** What it finds as `workerData`. */
  readonly workerData: unknown;
  readonly workers: number;
  /** Pictures that a thread is given at once. */
  readonly together: number;
  /** Milliseconds that a picture may wait for a thread, and that a thread may work. */
  readonly longestWait: number;
  readonly longestWork: number;
}

/** What the dispatcher tells of its work, for the metrics. */
export interface DispatcherState {
  readonly waiting: number;
  readonly busy: number;
}

interface Job {
  readonly task: PictureTask;
  readonly signal: AbortSignal;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: PictureAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Whether it was among those that a thread failed with, and is tried again by itself. */
  alone: boolean;
}

type Pool = WorkerPool<readonly PictureTask[], PictureAnswer[]>;

/** One thread, which works at one list of pictures at a time. */
interface Lane {
  pool: Pool;
  busy: boolean;
}

/** Weight of the last list in the running mean of the time that a picture takes. */
const NEWEST = 0.2;

/**
 * Hands pictures to threads. While threads are free, each picture goes to one at once; when all are busy pictures wait,
 * and a thread that becomes free takes several, which then pass through the network together. So lists grow with the
 * load, and nobody waits for a list to fill.
 *
 * A thread that fails or does not end in time is replaced. What it failed with is tried once more, each picture by itself,
 * so that one picture cannot take others with it.
 */
export class Dispatcher {
  readonly #settings: DispatcherSettings;
  readonly #lanes: Lane[];
  readonly #waiting = new Set<Job>();
  readonly #onBatch: (pictures: number) => void;
  #secondsPerPicture = 0.1;
  #closed = false;

  /** @param onBatch is told how many pictures a thread is given */
  constructor(settings: DispatcherSettings, onBatch: (pictures: number) => void = () => undefined) {
    this.#settings = settings;
    this.#onBatch = onBatch;
    this.#lanes = Array.from({ length: settings.workers }, () => ({ pool: this.#openPool(), busy: false }));
  }

  get state(): DispatcherState {
    return { waiting: this.#waiting.size, busy: this.#lanes.filter(({ busy }) => busy).length };
  }

  /** Seconds after which what waits now should be done, at least 1. */
  get secondsToWait(): number {
    return Math.max(1, Math.ceil((this.#waiting.size * this.#secondsPerPicture) / this.#lanes.length));
  }

  /**
   * The answer for each picture, in order.
   * @param signal takes pictures that still wait out of the queue
   * @throws {RequestError} UNAVAILABLE when it waited too long or the server stops, TIMEOUT when the work took too long,
   *   INTERNAL when a thread failed
   */
  async submit(tasks: readonly PictureTask[], signal: AbortSignal): Promise<PictureAnswer[]> {
    const answers = tasks.map((task) => this.#enqueue(task, signal));
    this.#hand();
    return await Promise.all(answers);
  }

  /** Ends the threads; what still waits is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting) this.#leave(job).reject(new RequestError('UNAVAILABLE', 'the server is stopping'));
    await Promise.all(this.#lanes.map(({ pool }) => pool.close('the server is stopping')));
  }

  #openPool(): Pool {
    return new WorkerPool(this.#settings.entry, 1, this.#settings.workerData);
  }

  #enqueue(task: PictureTask, signal: AbortSignal): Promise<PictureAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const late = new RequestError('UNAVAILABLE', 'too much work is waiting', { retryAfter: this.secondsToWait });
        this.#leave(job).reject(late);
      }, this.#settings.longestWait);
      const job: Job = { task, signal, timer, resolve, reject, alone: false };
      if (this.#closed) this.#leave(job).reject(new RequestError('UNAVAILABLE', 'the server is stopping'));
      else this.#waiting.add(job);
    });
  }

  /** Gives what waits to the threads that are free, in equal parts. */
  #hand(): void {
    for (const job of this.#waiting) {
      if (job.signal.aborted) this.#leave(job).reject(new RequestError('UNAVAILABLE', 'the request was given up'));
    }
    const free = this.#lanes.filter(({ busy }) => !busy);
    free.forEach((lane, index) => {
      const jobs = this.#take(Math.min(this.#settings.together, Math.ceil(this.#waiting.size / (free.length - index))));
      if (jobs.length > 0) void this.#work(lane, jobs);
    });
  }

  #take(count: number): Job[] {
    const [first] = this.#waiting;
    const jobs = first?.alone === true ? [first] : [...this.#waiting].filter(({ alone }) => !alone).slice(0, count);
    return jobs.map((job) => this.#leave(job));
  }

  #leave(job: Job): Job {
    clearTimeout(job.timer);
    this.#waiting.delete(job);
    return job;
  }

  async #work(lane: Lane, jobs: readonly Job[]): Promise<void> {
    lane.busy = true;
    this.#onBatch(jobs.length);
    const start = performance.now();
    try {
      const answers = await inTime(lane.pool.run(jobs.map(({ task }) => task)), this.#settings.longestWork);
      jobs.forEach((job, index) => job.resolve(answers[index]!));
      const seconds = (performance.now() - start) / 1000 / jobs.length;
      this.#secondsPerPicture += NEWEST * (seconds - this.#secondsPerPicture);
    } catch (error) {
      this.#fail(jobs, error);
      if (!this.#closed) {
        void lane.pool.close('it failed');
        lane.pool = this.#openPool();
      }
    } finally {
      lane.busy = false;
      this.#hand();
    }
  }

  /** The reasons stand in what the server prints, not in answers: they may name files of this machine. */
  #fail(jobs: readonly Job[], error: unknown): void {
    if (this.#closed) jobs.forEach(({ reject }) => reject(new RequestError('UNAVAILABLE', 'the server is stopping')));
    else if (jobs.length > 1) for (const job of jobs) this.#waiting.add(Object.assign(job, { alone: true }));
    else if (error instanceof RequestError) jobs[0]!.reject(error);
    else {
      console.error(`a thread failed: ${messageOf(error)}`);
      jobs[0]!.reject(new RequestError('INTERNAL', 'the picture could not be worked at'));
    }
  }
}

async function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RequestError('TIMEOUT', 'the picture took too long')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
