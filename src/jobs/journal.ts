import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { fileError } from '../base/files.node.js';

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
    try {
      const file = await open(path, 'a+');
      const entries: Entry[] = [];
      let whole = 0;
      for await (const line of wholeLines(file)) {
        whole += line.length + 1;
        entries.push(...parseLine(line.toString('utf8'), schema));
      }
      // A torn line ends the file; without it, the next one starts on a line of its own.
      if (whole < (await file.stat()).size) await file.truncate(whole);
      return new Journal(path, entries, file);
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

/** Bytes that are read together: a journal may be longer than what JavaScript takes as one text. */
const PIECE = 2 ** 20;

/** The lines of a file that end, without their ends. */
async function* wholeLines(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = [];
  const piece = Buffer.alloc(PIECE);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, PIECE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    let start = 0;
    for (let end = piece.indexOf(10); end !== -1 && end < bytesRead; end = piece.indexOf(10, start)) {
      yield Buffer.concat([...rest, piece.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    rest.push(Buffer.from(piece.subarray(start, bytesRead)));
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
