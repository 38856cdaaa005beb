/** Text files in whatever encoding they come. */
import { readFile } from 'node:fs/promises';
import { fileError } from '../base/files.node.js';

/**
 * The text of a file; encodings as for {@link decodeText}.
 * @throws {FileError} when it cannot be read.
 */
export async function readTextFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(path, 'read', error);
  }
  return decodeText(bytes);
}

/**
 * Decodes UTF-16 with a byte order mark, and UTF-8 with or without one. A line that is no UTF-8 is read as Windows-1252,
 * which Latin-1 is a part of and in which every byte stands for something; the lines around it are not affected.
 * What is no character in UTF-16 becomes U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  // In Latin-1 every byte is one character, and line ends are the same as in UTF-8: so lines can be cut apart.
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  return lines.map((line) => decodeLine(Buffer.from(line, 'latin1'))).join('\n');
}

function decodeLine(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? decodeWindows1252(bytes);
}

/** Windows-1252 where it differs from Latin-1: the bytes 80 to 9F. Node 20's TextDecoder takes it for Latin-1. */
const FROM_80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function decodeWindows1252(bytes: Uint8Array): string {
  const latin = Buffer.from(bytes).toString('latin1');
  return latin.replaceAll(/[\u0080-\u009f]/g, (character) => FROM_80[character.charCodeAt(0) - 0x80]!);
}

/** Without the byte order mark; `undefined` when the bytes are no UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
