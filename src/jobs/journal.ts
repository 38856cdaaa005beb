import { open, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { fileError, readFileIfPresent } from '../base/files.node.js';

/**
 * What a job has done so far: a file of JSON lines that only grows. A line that is damaged, as the last one may be when
 * the process was killed, is passed over: what it told of is done again.
 */
export class Journal<Entry> {
  /** What was in the journal when it was opened, in the order of writing. */
  readonly entries: readonly Entry[];
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, entries: readonly Entry[], file: FileHandle) {
    this.#path = path;
    this.entries = entries;
    this.#file = file;
  }

  /**
   * Opens a journal, new or old, for the only process that writes to it.
   * @throws {FileError} when it cannot be read or written
   */
  static async open<Entry>(path: string, schema: z.ZodType<Entry>): Promise<Journal<Entry>> {
    const bytes = await readFileIfPresent(path);
    // A torn line ends the file; without it, the next one starts on a line of its own.
    const whole = bytes?.subarray(0, bytes.lastIndexOf('\n') + 1);
    const lines = whole?.toString('utf8').split('\n') ?? [];
    try {
      if (whole && whole.length < bytes!.length) await truncate(path, whole.length);
      return new Journal(path, lines.flatMap((line) => parseLine(line, schema)), await open(path, 'a'));
    } catch (error) {
      throw fileError(path, 'written', error);
    }
  }

  /** @throws {FileError} when it cannot be written */
  async append(entry: Entry): Promise<void> {
    await this.appendAll([entry]);
  }

  /**
   * Adds several entries at once.
   * @throws {FileError} when they cannot be written
   */
  async appendAll(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#file.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    } catch (error) {
      throw fileError(this.#path, 'written', error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function parseLine<Entry>(line: string, schema: z.ZodType<Entry>): Entry[] {
  try {
    const { success, data } = schema.safeParse(JSON.parse(line));
    return success ? [data] : [];
  } catch {
    return [];
  }
}
