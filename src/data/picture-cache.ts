import type { Picture } from '../images/picture.js';

/** A {@link PictureCache} as it is handed to another thread; the memory is shared, not copied. */
export interface SharedPictureCache {
  readonly pictureSize: number;
  readonly pixels: SharedArrayBuffer;
  readonly filled: SharedArrayBuffer;
}

/**
 * Decoded pictures of one size in memory that all threads share: pixels [capacity, size, size, 3], 8 bits each.
 * Picture `index` has its place from the start, so nothing is looked up or moved; from `capacity` on there is none.
 */
export class PictureCache {
  readonly #shared: SharedPictureCache;
  readonly #pixels: Uint8Array;
  readonly #filled: Uint8Array;
  readonly #pictureBytes: number;

  constructor(shared: SharedPictureCache) {
    this.#shared = shared;
    this.#pixels = new Uint8Array(shared.pixels);
    this.#filled = new Uint8Array(shared.filled);
    this.#pictureBytes = shared.pictureSize ** 2 * 3;
  }

  /** A cache for the first of `count` pictures of `pictureSize` × `pictureSize`, as many as fit into `bytes`. */
  static allocate(count: number, pictureSize: number, bytes: number): PictureCache {
    const pictureBytes = pictureSize ** 2 * 3;
    const capacity = Math.min(count, Math.floor(bytes / pictureBytes));
    return new PictureCache({
      pictureSize,
      pixels: new SharedArrayBuffer(capacity * pictureBytes),
      filled: new SharedArrayBuffer(capacity),
    });
  }

  /** What the constructor needs to open the same cache in another thread. */
  get shared(): SharedPictureCache {
    return this.#shared;
  }

  /** The picture, without a copy of its pixels, or `undefined` when it is not in the cache. */
  get(index: number): Picture | undefined {
    if (this.#filled[index] !== 1) return undefined;
    const start = index * this.#pictureBytes;
    const { pictureSize } = this.#shared;
    return { data: this.#pixels.subarray(start, start + this.#pictureBytes), width: pictureSize, height: pictureSize };
  }

  /** Keeps a picture, if it has a place. */
  set(index: number, picture: Picture): void {
    if (index >= this.#filled.length) return;
    this.#pixels.set(picture.data, index * this.#pictureBytes);
    this.#filled[index] = 1;
  }
}
