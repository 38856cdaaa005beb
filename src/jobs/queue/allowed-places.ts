import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../base/errors.js';
import { addressFault, isBelow, parseS3 } from '../../data/addresses.js';
import { isInside, requireFolder } from '../../data/folder.js';

/**
 * The folders and addresses that a worker was started with. What a shard names is looked up as it is on the disk, without
 * links, and must then lie in one of the folders; what is fetched must begin with one of the addresses.
 */
export class AllowedPlaces {
  readonly #read: readonly string[];
  readonly #write: readonly string[];

  /** What the addresses that are fetched must begin with. */
  readonly fetchable: readonly string[];

  private constructor(read: readonly string[], write: readonly string[], fetchable: readonly string[]) {
    this.#read = read;
    this.#write = write;
    this.fetchable = fetchable;
  }

  /**
   * @param read folders that pictures and models may come from
   * @param write folders that results may go to, which may be read as well
   * @param fetchable addresses that pictures may be fetched from, with all that begin so up to a `/`
   * @throws {DataError} when there is no such folder
   * @throws {ConfigError} when an address is none
   */
  static async open(read: readonly string[], write: readonly string[], fetchable: readonly string[] = []): Promise<AllowedPlaces> {
    for (const address of fetchable) requirePlace(address);
    const [toRead, toWrite] = await Promise.all([read, write].map((folders) => Promise.all(folders.map(requireFolder))));
    return new AllowedPlaces([...toRead!, ...toWrite!], toWrite!, fetchable);
  }

  /** @throws {ConfigError} when a file or folder is not there, or may not be read */
  async requireReadable(path: string): Promise<void> {
    await this.#require(path, this.#read, 'read', '--read');
  }

  /** @throws {ConfigError} when a folder is not there, or may not be written to */
  async requireWritable(folder: string): Promise<void> {
    await this.#require(folder, this.#write, 'write to', '--write');
  }

  /** @throws {ConfigError} when nothing may be fetched from an address */
  requireFetchable(address: string): void {
    if (isBelow(address, this.fetchable)) return;
    throw new ConfigError(`${address}: this worker may not fetch from there`, {
      hint: 'Start it with --fetch and the beginning of the address, such as --fetch https://photos.example.org/ or --fetch s3://bucket/',
    });
  }

  async #require(path: string, folders: readonly string[], action: string, option: string): Promise<void> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) {
      throw new ConfigError(`${path}: is not there for this worker`, {
        hint: 'Producer and workers need the same folders under the same paths.',
      });
    }
    if (folders.some((folder) => isInside(real, folder))) return;
    throw new ConfigError(`${path}: this worker may not ${action} there`, { hint: `Start it with ${option} for a folder above.` });
  }
}

function requirePlace(address: string): void {
  const fault = parseS3(address) === undefined ? addressFault(address) : undefined;
  if (fault !== undefined) throw new ConfigError(`fetch: ${address} ${fault}`);
}

/**
 * Checks that files that are named from a folder lie in it as they are on the disk. Those that are not there pass.
 * @throws {ConfigError} naming one that does not
 */
export async function requireInside(folder: string, names: readonly string[]): Promise<void> {
  const real = await realpath(folder);
  for (const name of names) {
    const target = await realpath(join(folder, name)).catch(() => undefined);
    if (target !== undefined && !isInside(target, real)) throw new ConfigError(`${name}: leads out of ${folder}`);
  }
}

/** The folders that files with these names would lie in, each once. */
export function parentsOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => dirname(name)))];
}
