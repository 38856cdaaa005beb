import { Worker } from 'node:worker_threads';
import type { Batch, BatchJob, BatchSettings } from './batch-maker.js';

/** What a worker is asked for. */
export interface WorkerRequest {
  id: number;
  job: BatchJob;
}

/** What it answers. */
export type WorkerReply = { id: number; batch: Batch } | { id: number; failure: string };

const ENTRY = new URL('./batch-worker.js', import.meta.url);

interface Pending {
  worker: Worker;
  resolve: (batch: Batch) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that make batches, each with a queue of its own. When one of them dies, every batch that was asked of
 * it, now or later, fails with the reason.
 */
export class BatchWorkers {
  readonly #workers: Worker[];
  readonly #dead = new Map<Worker, Error>();
  readonly #pending = new Map<number, Pending>();
  #jobs = 0;

  /** @param entry the script of the workers; another one only in tests. */
  constructor(count: number, settings: BatchSettings, entry: URL = ENTRY) {
    this.#workers = Array.from({ length: count }, () => this.#start(settings, entry));
  }

  /** Asks the next worker in turn for a batch. */
  make(job: BatchJob): Promise<Batch> {
    const id = this.#jobs++;
    const worker = this.#workers[id % this.#workers.length]!;
    return new Promise((resolve, reject) => {
      const death = this.#dead.get(worker);
      if (death !== undefined) {
        reject(death);
        return;
      }
      this.#pending.set(id, { worker, resolve, reject });
      const request: WorkerRequest = { id, job };
      worker.postMessage(request);
    });
  }

  /** Ends the threads; batches still asked for fail. */
  async close(): Promise<void> {
    for (const worker of this.#workers) this.#bury(worker, new Error('the loader was closed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(settings: BatchSettings, entry: URL): Worker {
    const worker = new Worker(entry, { workerData: settings });
    worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    worker.on('messageerror', (error) => this.#bury(worker, error));
    worker.on('error', (error) => this.#bury(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#bury(worker, new Error(`the worker thread ended with code ${code}`)));
    return worker;
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('batch' in reply) pending?.resolve(reply.batch);
    else pending?.reject(new Error(reply.failure));
  }

  /** Fails everything that was asked of a worker. The first reason stands. */
  #bury(worker: Worker, reason: Error): void {
    if (this.#dead.has(worker)) return;
    this.#dead.set(worker, reason);
    for (const [id, pending] of this.#pending) {
      if (pending.worker !== worker) continue;
      this.#pending.delete(id);
      pending.reject(reason);
    }
  }
}
