import { open, rm, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { FileError } from '../base/errors.js';
import { fileError, temporaryName } from '../base/files.node.js';
import { sizeOf } from '../base/tensor.js';
import type { Batch, BatchLoader } from '../data/batches.js';
import type { TrainingEngine } from './engine.js';

/** Pictures whose features are computed together; more would only cost memory. */
const EXTRACTION_BATCH = 16;
/** Features of more bytes are not kept: reading them back would take as long as computing them. */
export const LARGEST_CACHE = 16 * 2 ** 30;

/** Features of a batch, in the place of its pictures. */
export interface FeatureBatch {
  /** [N, ...], as the front of the network gives them */
  readonly features: Float32Array<ArrayBuffer>;
  /** Class indices, [N]. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Indices into the sample list of the loader, [N]. */
  readonly samples: Int32Array<ArrayBuffer>;
  /** N. */
  readonly size: number;
}

/** Bytes that the features of so many pictures take. */
export function featureBytes(pictures: number, shape: readonly number[]): number {
  return 4 * pictures * sizeOf(shape);
}

/**
 * What the frozen front of a network gives for the pictures of a loader, computed once and kept in a temporary file, which
 * the system holds in memory as far as there is room. It has the batches of the loader, with features for pictures.
 */
export class FeatureCache {
  readonly #loader: BatchLoader;
  readonly #labels: readonly number[];
  readonly #path: string;
  readonly #handle: FileHandle;
  /** Values per picture. */
  readonly #length: number;
  /** The place of a sample in the file. */
  readonly #places = new Map<number, number>();

  private constructor(loader: BatchLoader, labels: readonly number[], path: string, handle: FileHandle, length: number) {
    this.#loader = loader;
    this.#labels = labels;
    this.#path = path;
    this.#handle = handle;
    this.#length = length;
  }

  /**
   * Computes the features of all pictures of a loader that does not vary them.
   * @param labels class of each sample
   * @param folder where the file is made
   * @param onPicture is told how many pictures are done
   * @param signal when aborted, it ends early, and not all batches are there
   * @throws {FileError} when the disk has no room for them
   */
  static async extract(
    { engine, loader, labels, folder }: { engine: TrainingEngine; loader: BatchLoader; labels: readonly number[]; folder: string },
    onPicture: (done: number) => void,
    signal: AbortSignal,
  ): Promise<FeatureCache> {
    const { shape } = engine.front!;
    await requireRoom(folder, featureBytes(loader.size, shape));
    const path = temporaryName(folder);
    const handle = await open(path, 'wx+').catch((error: unknown) => {
      throw fileError(path, 'created', error);
    });
    const cache = new FeatureCache(loader, labels, path, handle, sizeOf(shape));
    try {
      for await (const { images, samples } of inPieces(loader.batches(0), EXTRACTION_BATCH)) {
        if (signal.aborted) break;
        await cache.#append(samples, await engine.features(images));
        onPicture(cache.#places.size);
        await new Promise(setImmediate); // lets a request to stop arrive
      }
      return cache;
    } catch (error) {
      await cache.close();
      throw error;
    }
  }

  get size(): number {
    return this.#loader.size;
  }

  get batchesPerEpoch(): number {
    return this.#loader.batchesPerEpoch;
  }

  /** The batches that the loader has in that epoch, from `startBatch` (counted from 0) on. */
  async *batches(epoch: number, startBatch = 0): AsyncGenerator<FeatureBatch, void, undefined> {
    for (const samples of this.#loader.samplesOf(epoch).slice(startBatch)) {
      const features = new Float32Array(samples.length * this.#length);
      const rowOf = (row: number): Float32Array => features.subarray(row * this.#length, (row + 1) * this.#length);
      await Promise.all(Array.from(samples, (sample, row) => this.#read(rowOf(row), this.#places.get(sample)!)));
      yield { features, labels: Int32Array.from(samples, (sample) => this.#labels[sample]!), samples, size: samples.length };
    }
  }

  /** Removes the file. */
  async close(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }

  async #append(samples: Int32Array, features: Float32Array): Promise<void> {
    const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
    const start = this.#places.size * this.#length * 4;
    let written = 0;
    try {
      while (written < bytes.length) {
        written += (await this.#handle.write(bytes, written, bytes.length - written, start + written)).bytesWritten;
      }
    } catch (error) {
      throw fileError(this.#path, 'written', error);
    }
    for (const sample of samples) this.#places.set(sample, this.#places.size);
  }

  async #read(row: Float32Array, place: number): Promise<void> {
    const bytes = new Uint8Array(row.buffer, row.byteOffset, row.byteLength);
    const start = place * bytes.length;
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, start + done).catch((error: unknown) => {
        throw fileError(this.#path, 'read', error);
      });
      if (bytesRead === 0) throw new FileError(this.#path, 'cannot be read: it has become shorter');
      done += bytesRead;
    }
  }
}

/** The same pictures in batches of another size, of which the last may be smaller: a session is for one size alone. */
async function* inPieces(batches: AsyncIterable<Batch>, size: number): AsyncGenerator<Pick<Batch, 'images' | 'samples'>, void, undefined> {
  let waiting: { image: Float32Array; sample: number }[] = [];
  const joined = (): Pick<Batch, 'images' | 'samples'> => {
    const length = waiting[0]!.image.length;
    const images = new Float32Array(waiting.length * length);
    waiting.forEach(({ image }, row) => images.set(image, row * length));
    return { images, samples: Int32Array.from(waiting, ({ sample }) => sample) };
  };
  for await (const { images, samples } of batches) {
    const length = images.length / samples.length;
    for (const [row, sample] of samples.entries()) {
      waiting.push({ image: images.subarray(row * length, (row + 1) * length), sample });
      if (waiting.length < size) continue;
      yield joined();
      waiting = [];
    }
  }
  if (waiting.length > 0) yield joined();
}

async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const megabytes = (count: number): string => `${Math.ceil(count / 1e6)} MB`;
  throw new FileError(folder, `the features of the frozen layers take ${megabytes(bytes)}, and ${megabytes(bavail * bsize)} are free`, {
    hint: 'Free some space, choose a folder on another disk, or compute them at every step: --no-feature-cache.',
  });
}
