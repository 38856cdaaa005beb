import { isAddress } from '../../base/download.node.js';
import { inShards } from '../shards.js';
import type { ShardExecutor } from '../shards.js';
import { localExecutor } from '../local-executor.js';
import type { CropWorkerData } from '../crop/worker.js';
import type { PredictWorkerData } from '../predict/worker.js';
import type { AllowedPlaces } from './allowed-places.js';
import { parentsOf, requireInside } from './allowed-places.js';
import { checkRun } from './run-doer.js';
import type { PictureTask, Task } from './task.js';

const PREDICT_WORKER = new URL('../predict/worker.js', import.meta.url);
const CROP_WORKER = new URL('../crop/worker.js', import.meta.url);

/** Does shards, one at a time, on threads of this machine. The threads stay for the next shard of the same job. */
export class TaskDoer {
  readonly #places: AllowedPlaces;
  readonly #threads: number;
  #open: { readonly job: string; readonly executor: ShardExecutor<unknown, unknown> } | undefined;

  constructor(places: AllowedPlaces, threads: number) {
    this.#places = places;
    this.#threads = threads;
  }

  /** @throws {ConfigError} when a shard names what this worker may not touch */
  async check(task: Task): Promise<void> {
    if (task.kind === 'run') {
      await checkRun(task, this.#places);
      return;
    }
    const { root, out } = task.folders;
    await this.#places.requireReadable(root);
    await this.#places.requireWritable(out);
    const files = task.items.map(({ file }) => file);
    for (const file of files) if (isAddress(file)) this.#places.requireFetchable(file);
    await requireInside(root, files.filter((file) => !isAddress(file)));
    if (task.kind === 'crop') await requireInside(out, parentsOf(task.items.map(({ stem }) => stem)));
  }

  /**
   * Does a shard of pictures that has been checked.
   * @returns a result per item, in their order
   * @throws what an item failed with; the threads are then new for the next shard
   */
  async do(task: PictureTask): Promise<readonly unknown[]> {
    const { kind, items } = task;
    const folders = { ...task.folders, fetchable: this.#places.fetchable };
    if (kind === 'crop') {
      const data: CropWorkerData = { looks: task.settings, folders };
      return await this.#onThreads(CROP_WORKER, data, items);
    }
    const data: PredictWorkerData = { model: task.settings.model, folders };
    return await this.#onThreads(PREDICT_WORKER, data, items);
  }

  async close(): Promise<void> {
    await this.#open?.executor.close();
    this.#open = undefined;
  }

  async #onThreads(entry: URL, settings: unknown, items: readonly unknown[]): Promise<readonly unknown[]> {
    const job = JSON.stringify([entry, settings]);
    if (this.#open?.job !== job) {
      await this.close();
      this.#open = { job, executor: inShards(localExecutor(entry, this.#threads, settings)) };
    }
    try {
      return (await this.#open.executor.run(items)) ?? [];
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}
