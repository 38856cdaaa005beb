import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { FileError, messageOf } from '../base/errors.js';

type Undo = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const UNDO: ReadonlyMap<string, Undo> = new Map([
  ['gzip', promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gunzip)],
  ['br', promisify<Uint8Array, zlib.BrotliOptions, Uint8Array>(zlib.brotliDecompress)],
]);

/** What changes no byte of what is stored: `aws-chunked` is how something was sent there. */
const NONE = ['', 'identity', 'aws-chunked'];

/**
 * The bytes before they were compressed as a Content-Encoding says.
 * @param encoding names with commas between them, in the order in which they were applied
 * @param limit bytes that may come of it
 * @throws {FileError} when more come of it, or they are not encoded like that
 */
export async function undoEncoding(bytes: Uint8Array, encoding = '', limit: number, address: string): Promise<Uint8Array> {
  const names = encoding.toLowerCase().split(',').map((name) => name.trim());
  let plain = bytes;
  for (const name of names.filter((name) => !NONE.includes(name)).reverse()) {
    const undo = UNDO.get(name);
    if (undo === undefined) throw new FileError(address, `has the Content-Encoding ${encoding}, and none but gzip and br are known`);
    try {
      plain = await undo(plain, { maxOutputLength: limit });
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      const reason = isTooLarge ? `has more than the ${limit} bytes that are fetched` : `is not ${name}, as its Content-Encoding says: ${messageOf(error)}`;
      throw new FileError(address, reason, { cause: error });
    }
  }
  return plain;
}
