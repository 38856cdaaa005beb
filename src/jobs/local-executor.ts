import { WorkerPool } from '../base/worker-pool.node.js';
import type { Executor } from './executor.js';

/** Items per thread: while a thread works at one, the next one is there already. */
const AHEAD = 2;

/**
 * Does items on worker threads of this machine.
 * @param entry script of the threads, which calls `serveTasks`
 * @param settings what it finds as `workerData`
 */
export function localExecutor<Item, Result>(entry: URL, workers: number, settings: unknown): Executor<Item, Result> {
  const pool = new WorkerPool<Item, Result>(entry, workers, settings);
  return {
    capacity: AHEAD * workers,
    run: (item) => pool.run(item),
    close: () => pool.close('the job has ended'),
  };
}
