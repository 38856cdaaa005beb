import { join } from 'node:path';
import { isAddress } from '../base/download.node.js';
import { PictureFetcher } from '../data/fetch-picture.js';

/** Where the pictures of a job come from, for a thread that works at it. */
export interface PictureOrigin {
  /** The folder of those that have paths. */
  readonly root: string;
  /** What the addresses of those that are fetched must begin with; without it, all may be asked. */
  readonly fetchable?: readonly string[] | undefined;
}

/** Gives pictures of a source, by path or address. */
export class SourcePictures {
  readonly #root: string;
  readonly #fetcher: PictureFetcher;

  constructor({ root, fetchable }: PictureOrigin) {
    this.#root = root;
    this.#fetcher = new PictureFetcher(fetchable);
  }

  /**
   * Lets a picture be used: its path, or its bytes when it was fetched.
   * @throws as `PictureFetcher.use`
   */
  async use<Result>(file: string, use: (picture: string | Uint8Array) => Promise<Result>): Promise<Result> {
    return isAddress(file) ? await this.#fetcher.use(file, use) : await use(join(this.#root, file));
  }
}
