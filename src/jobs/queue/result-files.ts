/**
 * The results of shards on their way from the workers to the producer, as files in the folder of the job: Redis would not
 * hold those of a large job, and loses what it has not saved when it is restarted. The name of a result says which shard
 * it is of, so that a shard that is done twice has one result; it is never seen half-written.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileError, makeFolder, readFileIfPresent, writeFileAtomic } from '../../base/files.node.js';
import { parseJson } from '../../base/json.js';

const NAME = /^[a-z]+-[0-9a-f]{40}\.json$/;
const STOP_NAME = /^[a-z]+-[0-9a-f]{40}\.stop$/;

/** The folder of the results of a job. It is there as long as somebody waits for them. */
export class ResultFiles {
  readonly #folder: string;

  /** @param out the folder of the job */
  constructor(out: string) {
    this.#folder = join(out, '.results');
  }

  async open(): Promise<void> {
    await makeFolder(this.#folder);
  }

  /** Whether the job goes on; when it has ended, its shards need not be done any more. */
  async isOpen(): Promise<boolean> {
    const status = await stat(this.#folder).catch(() => undefined);
    return status?.isDirectory() === true;
  }

  async has(id: string): Promise<boolean> {
    const status = await stat(this.#path(id)).catch(() => undefined);
    return status?.isFile() === true;
  }

  /**
   * Asks the worker that does a shard to leave it as it is.
   * @throws {FileError} when it cannot be written
   */
  async stop(id: string): Promise<void> {
    await writeFileAtomic(this.#stopPath(id), '');
  }

  /** Whether nobody wants a shard to be gone on with. */
  async isStopped(id: string): Promise<boolean> {
    const status = await stat(this.#stopPath(id)).catch(() => undefined);
    return status !== undefined || !(await this.isOpen());
  }

  /** @throws {FileError} when it cannot be written */
  async write(id: string, results: readonly unknown[]): Promise<void> {
    await writeFileAtomic(this.#path(id), JSON.stringify({ results }));
  }

  /** The results of a shard; undefined when there are none, or something else is in their place. */
  async read<Result>(id: string, schema: z.ZodType<Result>): Promise<Result[] | undefined> {
    const bytes = await readFileIfPresent(this.#path(id));
    return z.object({ results: z.array(schema) }).safeParse(parseJson(bytes?.toString('utf8'))).data?.results;
  }

  /** What was done for a producer that is no more, shard by shard. */
  async *readAll<Result>(schema: z.ZodType<Result>): AsyncGenerator<readonly Result[], void, undefined> {
    for (const name of await this.#names(NAME)) yield (await this.read(name.replace('.json', ''), schema)) ?? [];
  }

  async remove(id: string): Promise<void> {
    await this.#removeFile(this.#path(id));
  }

  /** Removes all results and all wishes to stop, and lets workers go on. */
  async removeAll(): Promise<void> {
    for (const name of [...(await this.#names(NAME)), ...(await this.#names(STOP_NAME))]) await this.#removeFile(join(this.#folder, name));
  }

  /** Removes all results and lets workers know that nobody waits for more. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      throw fileError(this.#folder, 'cleaned', error);
    });
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  #stopPath(id: string): string {
    return join(this.#folder, `${id}.stop`);
  }

  async #removeFile(path: string): Promise<void> {
    await rm(path, { force: true }).catch((error: unknown) => {
      throw fileError(path, 'cleaned', error);
    });
  }

  async #names(pattern: RegExp): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => pattern.test(name)).sort();
  }
}
