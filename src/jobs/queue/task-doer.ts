import { isAddress } from '../../base/download.node.js';
import type { CropWorkerData } from '../crop/worker.js';
import type { PredictWorkerData } from '../predict/worker.js';
import type { AllowedPlaces } from './allowed-places.js';
import { parentsOf, requireInside } from './allowed-places.js';
import { PictureProcess } from './picture-process.js';
import { checkRun } from './run-doer.js';
import type { PictureTask, Task } from './task.js';

/** Does shards, one at a time, in a process of this machine, which stays for the next shard of the same job. */
export class TaskDoer {
  readonly #places: AllowedPlaces;
  readonly #threads: number;
  readonly #patience: number;
  #open: { readonly job: string; readonly process: PictureProcess } | undefined;

  /** @param patience seconds without a picture that is done after which a shard has failed */
  constructor(places: AllowedPlaces, threads: number, patience: number) {
    this.#places = places;
    this.#threads = threads;
    this.#patience = patience;
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
   * @throws as `PictureProcess.do`; the process is then another for the next shard
   */
  async do({ kind, folders: { root, out }, settings, items }: PictureTask): Promise<readonly unknown[]> {
    const folders = { root, out, fetchable: this.#places.fetchable };
    const device = 'cpu';
    const data: CropWorkerData | PredictWorkerData =
      kind === 'crop' ? { looks: settings, folders, device } : { model: settings.model, folders, device };
    const job = JSON.stringify([kind, data]);
    if (this.#open?.job !== job || this.#open.process.isOver) {
      await this.close();
      this.#open = { job, process: new PictureProcess(kind, this.#threads, data, this.#patience) };
    }
    try {
      return await this.#open.process.do(items);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#open?.process.close();
    this.#open = undefined;
  }
}
