/** Worker threads that do tasks: both ends, the thread that asks and the threads that answer. */
import type { Transferable } from 'node:worker_threads';
import { parentPort, Worker } from 'node:worker_threads';
import type { TransferredError } from './error-transfer.js';
import { packError, unpackError } from './error-transfer.js';
import { collectLessOften, keepFreedMemory } from './memory.node.js';

interface Request<Task> {
  id: number;
  task: Task;
}

type Reply<Result> = { id: number; result: Result } | { id: number; error: TransferredError };

interface Pending<Result> {
  worker: Worker;
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

/** What a thread is sent when it is to end. */
const END = 'end';
/** Milliseconds in which a thread that was asked to end should have done so. */
const PATIENCE = 10_000;
/** Milliseconds that it is given for what it has begun: a file that it just writes, for instance. */
const LAST_MOMENTS = 1000;

/**
 * Worker threads, each with a queue of its own. When one of them dies, every task that it had been given fails with the
 * reason, and the others go on; when all are dead, every task fails.
 */
export class WorkerPool<Task, Result> {
  readonly #living = new Map<Worker, number>();
  readonly #pending = new Map<number, Pending<Result>>();
  #death: Error | undefined;
  #tasks = 0;

  /**
   * @param entry script of the workers, which calls {@link serveTasks}
   * @param settings what the script finds as `workerData`
   */
  constructor(entry: URL, count: number, settings: unknown) {
    keepFreedMemory();
    collectLessOften();
    for (let index = 0; index < count; index++) this.#living.set(this.#start(entry, settings), 0);
  }

  /** Gives a task to the worker with the shortest queue. The result, or the error, is what the worker made of it. */
  run(task: Task): Promise<Result> {
    const id = this.#tasks++;
    return new Promise((resolve, reject) => {
      const worker = this.#leastBusy();
      if (worker === undefined) {
        reject(this.#death!);
        return;
      }
      this.#pending.set(id, { worker, resolve, reject });
      this.#living.set(worker, this.#living.get(worker)! + 1);
      const request: Request<Task> = { id, task };
      worker.postMessage(request);
    });
  }

  /**
   * Ends the threads. Tasks that are not done fail with the reason, and so does every later one.
   *
   * Threads are asked to end, not terminated: a thread that is terminated while ONNX Runtime computes takes the whole process
   * down (an error of C++ that nobody catches). One that is still computing after {@link PATIENCE} is left to itself.
   */
  async close(reason: string): Promise<void> {
    const workers = [...this.#living.keys()];
    this.#death ??= new Error(reason);
    for (const worker of workers) this.#bury(worker, new Error(reason));
    await Promise.all(workers.map(endOf));
  }

  #start(entry: URL, settings: unknown): Worker {
    const worker = new Worker(entry, { workerData: settings });
    worker.on('message', (reply: Reply<Result>) => this.#settle(worker, reply));
    worker.on('messageerror', (error) => this.#bury(worker, error));
    worker.on('error', (error) => this.#bury(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#bury(worker, new Error(`the worker thread ended with code ${code}`)));
    return worker;
  }

  #leastBusy(): Worker | undefined {
    let best: [worker: Worker, tasks: number] | undefined;
    for (const entry of this.#living) if (best === undefined || entry[1] < best[1]) best = entry;
    return best?.[0];
  }

  #settle(worker: Worker, reply: Reply<Result>): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    this.#living.set(worker, this.#living.get(worker)! - 1);
    if ('error' in reply) pending.reject(unpackError(reply.error));
    else pending.resolve(reply.result);
  }

  /** Fails everything that was asked of a worker. The first reason stands. */
  #bury(worker: Worker, reason: Error): void {
    if (!this.#living.delete(worker)) return;
    this.#death ??= reason;
    for (const [id, pending] of this.#pending) {
      if (pending.worker !== worker) continue;
      this.#pending.delete(id);
      pending.reject(reason);
    }
  }
}

async function endOf(worker: Worker): Promise<void> {
  worker.postMessage(END);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  worker.unref();
}

/**
 * Does the tasks that a {@link WorkerPool} sends to this thread. A task may begin before the one before it has ended.
 * @param handle does a task; what the pool sends is trusted to be one
 * @param transfers the memory of a result that is handed over instead of being copied
 */
export function serveTasks<Result>(
  handle: (task: never) => Promise<Result>,
  transfers: (result: Result) => Transferable[] = () => [],
): void {
  const port = parentPort!;
  let underWay = 0;
  let isEnding = false;
  const endWhenDone = (): void => {
    if (isEnding && underWay === 0) process.exit();
  };
  port.on('message', (message: Request<never> | typeof END) => {
    if (message === END) {
      isEnding = true;
      // Timers and messages come between two calls of ONNX Runtime: a moment in which a thread may go.
      setTimeout(() => process.exit(), LAST_MOMENTS);
      endWhenDone();
      return;
    }
    const { id, task } = message;
    underWay++;
    handle(task)
      .then(
        (result) => {
          const reply: Reply<Result> = { id, result };
          port.postMessage(reply, transfers(result));
        },
        (error: unknown) => {
          const reply: Reply<Result> = { id, error: packError(error) };
          port.postMessage(reply);
        },
      )
      .finally(() => {
        underWay--;
        endWhenDone();
      });
  });
}
