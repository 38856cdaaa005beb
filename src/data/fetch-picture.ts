import { download } from '../base/download.node.js';
import { FileError, PictureError } from '../base/errors.js';
import { addressFault, isBelow, parseS3 } from './addresses.js';
import { fetchObject } from './s3.js';

const LIMITS = {
  /** Bytes of the file of a picture. */
  limit: 100e6,
  /** Seconds of an attempt without a byte, and for all of it. */
  patience: 30,
  deadline: 60,
  attempts: 4,
};
/** Pictures that a thread holds at once, from the first byte until they have been used. */
const AT_ONCE = 4;

/** Fetches pictures, a few at a time, and keeps none. */
export class PictureFetcher {
  readonly #allowed: readonly string[] | undefined;
  readonly #waiting: (() => void)[] = [];
  #free = AT_ONCE;

  /** @param allowed what addresses must begin with, redirects included; without it, all may be asked */
  constructor(allowed?: readonly string[]) {
    this.#allowed = allowed;
  }

  /**
   * Fetches a picture for as long as it is used.
   * @throws {PictureError} when it cannot be fetched, after as many attempts as may help
   * @throws {ConfigError} when no object of S3 can be fetched
   */
  async use<Result>(address: string, use: (bytes: Uint8Array) => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await use(await this.#fetch(address));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #fetch(address: string): Promise<Uint8Array> {
    const fault = addressFault(address) ?? (this.#mayFetch(address) ? undefined : 'may not be fetched by this worker');
    if (fault !== undefined) throw new PictureError(address, fault);
    try {
      if (parseS3(address) !== undefined) return await fetchObject(address, LIMITS);
      return await download(address, { ...LIMITS, plain: true, mayFollow: (next) => this.#mayFetch(next) });
    } catch (error) {
      if (error instanceof FileError) throw new PictureError(address, error.reason, { cause: error });
      throw error;
    }
  }

  #mayFetch(address: string): boolean {
    return this.#allowed === undefined || isBelow(address, this.#allowed);
  }
}
