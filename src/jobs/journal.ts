import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { FormatError } from '../base/errors.js';
import { fileError } from '../base/files.node.js';

/** Is told an entry, and at what byte of the journal it begins. */
export type EntryListener<Entry> = (entry: Entry, place: number) => void;

/**
 * What a job has done so far: a file of JSON lines that only grows. A line that is damaged, as the last one may be when
 * the process was killed, is passed over: what it told of is done again. Of its entries none is held in memory.
 */
export class Journal<Entry> {
  readonly #path: string;
  readonly #schema: z.ZodType<Entry>;
  readonly #file: FileHandle;
  #size: number;
  /** What was read last, and from where on: entries are mostly read in the order in which they stand. */
  #piece: { readonly place: number; readonly bytes: Buffer } = { place: 0, bytes: Buffer.alloc(0) };

  private constructor(path: string, schema: z.ZodType<Entry>, file: FileHandle, size: number) {
    this.#path = path;
    this.#schema = schema;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a journal, new or old, for the only process that writes to it.
   * @param hear is told what is in it, in the order of writing
   * @throws {FileError} when it cannot be read or written
   */
  static async open<Entry>(path: string, schema: z.ZodType<Entry>, hear: EntryListener<Entry>): Promise<Journal<Entry>> {
    try {
      const file = await open(path, 'a+');
      let whole = 0;
      for await (const line of wholeLines(file)) {
        const entry = parseLine(line.toString('utf8'), schema);
        if (entry !== undefined) hear(entry, whole);
        whole += line.length + 1;
      }
      // A torn line ends the file; without it, the next one starts on a line of its own.
      if (whole < (await file.stat()).size) await file.truncate(whole);
      return new Journal(path, schema, file, whole);
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
   * @returns where each of them begins
   * @throws {FileError} when they cannot be written
   */
  async appendAll(entries: readonly Entry[]): Promise<number[]> {
    const lines = entries.map((entry) => Buffer.from(`${JSON.stringify(entry)}\n`));
    try {
      await this.#file.appendFile(Buffer.concat(lines));
    } catch (error) {
      throw fileError(this.#path, 'written', error);
    }
    return lines.map(({ length }) => (this.#size += length) - length);
  }

  /**
   * The entry that begins at a byte.
   * @throws {FileError} when it cannot be read
   * @throws {FormatError} when somebody has changed the file
   */
  read(place: number): Entry {
    const entry = parseLine(this.#lineAt(place), this.#schema);
    if (entry !== undefined) return entry;
    throw new FormatError(this.#path, `holds no entry at byte ${place} any more: it was changed`, {
      hint: 'Call the command again: it does anew what it does not find.',
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #lineAt(place: number): string {
    for (let size = WINDOW; ; size *= 2) {
      const start = place - this.#piece.place;
      const end = start < 0 ? -1 : this.#piece.bytes.indexOf(NEWLINE, start);
      if (end !== -1) return this.#piece.bytes.toString('utf8', start, end);
      if (place + size / 2 > this.#size && size > WINDOW) return '';
      this.#piece = { place, bytes: this.#bytesAt(place, size) };
    }
  }

  #bytesAt(place: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    try {
      return bytes.subarray(0, readSync(this.#file.fd, bytes, 0, size, place));
    } catch (error) {
      throw fileError(this.#path, 'read', error);
    }
  }
}

const NEWLINE = 10;
/** Bytes that are read together when all is read: a journal may be longer than what JavaScript takes as one text. */
const PIECE = 2 ** 20;
/** Bytes that are read together when one entry is. */
const WINDOW = 2 ** 17;

/** The lines of a file that end, without their ends. */
async function* wholeLines(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = [];
  const piece = Buffer.alloc(PIECE);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, PIECE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1 && end < bytesRead; end = piece.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...rest, piece.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    rest.push(Buffer.from(piece.subarray(start, bytesRead)));
  }
}

function parseLine<Entry>(line: string, schema: z.ZodType<Entry>): Entry | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
