import { ConfigError, DataError, messageOf } from '../base/errors.js';
import { PURPOSE, randomStream } from '../base/random.js';
import { WorkerPool } from '../base/worker-pool.node.js';
import type { Augmentation } from '../images/augment.js';
import { BatchMaker } from './batch-maker.js';
import type { Batch, BatchJob, BatchSettings } from './batch-maker.js';
import { PictureCache } from './picture-cache.js';
import { readPictures } from './read-pictures.js';
import type { ReadPictures } from './read-pictures.js';
import type { Problem, Sample } from './sample.js';

export type { Batch } from './batch-maker.js';

/** Options of {@link BatchLoader.open}. */
export interface BatchLoaderOptions {
  readonly samples: readonly Sample[];
  /** Width and height in pixels to which every picture is squashed. */
  readonly imageSize: number;
  readonly batchSize: number;
  /** Decides the order and the augmentation of every epoch. */
  readonly seed: number;
  /** Whether every epoch has an order of its own; otherwise it is that of `samples`. */
  readonly shuffle: boolean;
  /** Default: none. */
  readonly augmentation?: Augmentation;
  /** Threads that make batches ahead of time; 0 makes them on the calling thread. Default: 1. */
  readonly workers?: number;
  /** Memory for decoded pictures in bytes; those that find no place are decoded in each epoch. Default: 2 GiB. */
  readonly cacheBytes?: number;
  /** How many batches are made ahead of the one in use. Default: 3. */
  readonly prefetch?: number;
  /** Called while the pictures are read for the first time. */
  readonly onProgress?: (done: number, total: number) => void;
}

const DEFAULT_CACHE_BYTES = 2 * 1024 ** 3;

const WORKER = new URL('./batch-worker.js', import.meta.url);

/** Makes batches, here or on other threads. */
interface BatchSource {
  make(job: BatchJob): Promise<Batch>;
  close?(): Promise<void>;
}

/**
 * Gives the pictures of a data set in batches, epoch by epoch, decoded ahead of the network's steps.
 *
 * The batch at a position of an epoch depends on the samples, the seed and the epoch alone: it is the same with any
 * number of workers, and when an epoch is taken up in its middle.
 */
export class BatchLoader {
  /** The pictures that cannot be read and are left out. */
  readonly problems: readonly Problem[];
  /** Number of pictures in an epoch. */
  readonly size: number;
  /** Number of batches in an epoch; the last one may be smaller. */
  readonly batchesPerEpoch: number;
  readonly #options: BatchLoaderOptions;
  readonly #readable: Int32Array<ArrayBuffer>;
  readonly #source: BatchSource;

  private constructor(options: BatchLoaderOptions, { readable, problems }: ReadPictures, cache: PictureCache) {
    this.problems = problems;
    this.size = readable.length;
    this.batchesPerEpoch = Math.ceil(readable.length / options.batchSize);
    this.#options = options;
    this.#readable = readable;
    const settings: BatchSettings = {
      files: options.samples.map(({ file }) => file),
      labels: Int32Array.from(options.samples, ({ label }) => label),
      imageSize: options.imageSize,
      seed: options.seed,
      augmentation: options.augmentation,
      cache: cache.shared,
    };
    const workers = options.workers ?? 1;
    this.#source = workers === 0 ? new BatchMaker(settings) : batchWorkers(workers, settings);
  }

  /**
   * Decodes every picture once, several at a time, so that what cannot be read is known before the first step, and
   * keeps as many as fit into the cache. That takes one to six milliseconds per picture and core: about 20 s for
   * 20,000 small pictures, a minute or two for 14,000 of 816 × 816 pixels on two cores.
   * @throws {ConfigError} when the batch size is not a whole number above 0.
   * @throws {DataError} when no picture can be read.
   */
  static async open(options: BatchLoaderOptions): Promise<BatchLoader> {
    const { samples, imageSize, batchSize, cacheBytes = DEFAULT_CACHE_BYTES } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ConfigError(`the batch size must be a whole number above 0, got ${batchSize}`);
    }
    const cache = PictureCache.allocate(samples.length, imageSize, cacheBytes);
    const pictures = await readPictures(samples, imageSize, cache, options.onProgress);
    if (pictures.readable.length === 0) {
      const first = pictures.problems[0];
      const reason = first === undefined ? '' : `; ${first.file}: ${first.reason}`;
      throw new DataError(`none of the ${samples.length} pictures can be read${reason}`, {
        hint: 'Check that the data set is in its place, and that you may read it.',
      });
    }
    return new BatchLoader(options, pictures, cache);
  }

  /** The samples of each batch of an epoch, as indices into the sample list. */
  samplesOf(epoch: number): Int32Array<ArrayBuffer>[] {
    const order = this.#order(epoch);
    return Array.from({ length: this.batchesPerEpoch }, (_, batch) => this.#samplesIn(batch, order));
  }

  /**
   * The batches of an epoch, from `startBatch` (counted from 0) on. The arrays of a batch belong to the caller.
   * @throws {DataError} when a picture has become unreadable since the loader was opened, or a worker has died.
   */
  async *batches(epoch: number, startBatch = 0): AsyncGenerator<Batch, void, undefined> {
    const order = this.#order(epoch);
    const ahead: Promise<Batch>[] = [];
    let next = startBatch;
    for (let batch = startBatch; batch < this.batchesPerEpoch; batch++) {
      const end = Math.min(batch + 1 + (this.#options.prefetch ?? 3), this.batchesPerEpoch);
      for (; next < end; next++) ahead.push(this.#make(epoch, next, order));
      yield await ahead.shift()!;
    }
  }

  /** Ends the worker threads. */
  async close(): Promise<void> {
    await this.#source.close?.();
  }

  #order(epoch: number): Int32Array<ArrayBuffer> {
    const order = this.#readable.slice();
    const { seed, shuffle } = this.#options;
    return shuffle ? randomStream(seed, PURPOSE.shuffle, epoch).shuffle(order) : order;
  }

  #samplesIn(batch: number, order: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
    const { batchSize } = this.#options;
    return order.slice(batch * batchSize, (batch + 1) * batchSize);
  }

  #make(epoch: number, batch: number, order: Int32Array<ArrayBuffer>): Promise<Batch> {
    const made = this.#source.make({ epoch, samples: this.#samplesIn(batch, order) }).catch((error: unknown) => {
      throw new DataError(`batch ${batch + 1} of epoch ${epoch} cannot be made: ${messageOf(error)}`, { cause: error });
    });
    // The caller may stop before this batch; then nobody is there to hear that it failed.
    made.catch(() => undefined);
    return made;
  }
}

function batchWorkers(count: number, settings: BatchSettings): BatchSource {
  const pool = new WorkerPool<BatchJob, Batch>(WORKER, count, settings);
  return { make: (job) => pool.run(job), close: () => pool.close('the loader was closed') };
}
