import { PURPOSE, randomStream } from '../base/random.js';
import type { Augmentation } from '../images/augment.js';
import { decodePicture } from '../images/decode.node.js';
import { writePlanes } from '../images/picture.js';
import type { Picture } from '../images/picture.js';
import { varyPicture } from '../images/vary.node.js';
import { PictureCache } from './picture-cache.js';
import type { SharedPictureCache } from './picture-cache.js';

/** Pictures and labels for one step. */
export interface Batch {
  /** [N, 3, H, W], RGB, 0..1. */
  readonly images: Float32Array<ArrayBuffer>;
  /** Class indices, [N]. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Indices into the sample list of the loader, [N]. */
  readonly samples: Int32Array<ArrayBuffer>;
  /** N. */
  readonly size: number;
}

/** Which batch to make. */
export interface BatchJob {
  readonly epoch: number;
  /** Indices into the sample list. */
  readonly samples: Int32Array<ArrayBuffer>;
}

/** Everything that batches are made from, in a form that can be sent to another thread. */
export interface BatchSettings {
  /** Path of each sample. */
  readonly files: readonly string[];
  /** Class index of each sample. */
  readonly labels: Int32Array;
  readonly imageSize: number;
  readonly seed: number;
  readonly augmentation: Augmentation | undefined;
  readonly cache: SharedPictureCache;
}

/**
 * Makes batches: takes pictures from the cache or decodes them, varies them, scales them and puts them side by side.
 * A batch depends on the settings and the job alone, so it does not matter which thread makes it.
 */
export class BatchMaker {
  readonly #settings: BatchSettings;
  readonly #cache: PictureCache;

  constructor(settings: BatchSettings) {
    this.#settings = settings;
    this.#cache = new PictureCache(settings.cache);
  }

  /** @throws {PictureError} when a picture that is not in the cache cannot be decoded. */
  async make({ epoch, samples }: BatchJob): Promise<Batch> {
    const { imageSize, labels } = this.#settings;
    const imageValues = 3 * imageSize ** 2;
    const images = new Float32Array(samples.length * imageValues);
    for (const [position, sample] of samples.entries()) {
      const picture = this.#cache.get(sample) ?? (await this.#decode(sample));
      await this.#writeImage(picture, epoch, sample, images.subarray(position * imageValues, (position + 1) * imageValues));
    }
    return { images, labels: Int32Array.from(samples, (sample) => labels[sample]!), samples, size: samples.length };
  }

  #decode(sample: number): Promise<Picture> {
    const { files, imageSize } = this.#settings;
    return decodePicture(files[sample]!, { width: imageSize, height: imageSize });
  }

  /** @param image receives [3, H, W] */
  async #writeImage(picture: Picture, epoch: number, sample: number, image: Float32Array): Promise<void> {
    const { augmentation, seed } = this.#settings;
    if (augmentation === undefined) writePlanes(picture, image);
    else await varyPicture(picture, augmentation, randomStream(seed, PURPOSE.augment, epoch, sample), image);
  }
}
