import { parse } from 'node:path';

/** What Windows does not allow in names, the separators of all platforms, and what cannot be seen. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f\u007f]/g;
/** Names of devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
/** Bytes of UTF-8 that leave room for a number and a temporary ending under the limit of 255. */
const MOST_BYTES = 200;

/**
 * Names that are allowed on Linux, macOS and Windows and are different from each other on all of them, where case and
 * the composition of letters may make no difference. One object names the contents of one folder.
 */
export class SafeNames {
  readonly #taken = new Set<string>();

  /** The name itself where it is allowed and free, and else the one nearest to it, with `-2`, `-3` ... if need be. */
  claim(name: string): string {
    const { name: stem, ext } = parse(safeName(name));
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? `${stem}${ext}` : `${stem}-${number}${ext}`;
      if (this.#taken.has(foldCase(candidate))) continue;
      this.#taken.add(foldCase(candidate));
      return candidate;
    }
  }
}

/** The name itself where it is allowed on Linux, macOS and Windows, and else the one nearest to it. */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(FORBIDDEN, '_')
    .replace(/[. ]+$/, '')
    .replace(/^[. ]+/, '_');
  const { name: stem, ext } = parse(plain);
  const short = shorten(stem, MOST_BYTES - Buffer.byteLength(shorten(ext, 20))) + shorten(ext, 20);
  if (short === '') return '_';
  return DEVICE.test(short) ? `_${short}` : short;
}

/** The beginning of a text that takes at most so many bytes in UTF-8, whole characters only. */
function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let short = '';
  for (const character of text) {
    if (Buffer.byteLength(short + character) > bytes) break;
    short += character;
  }
  return short;
}

function foldCase(name: string): string {
  return name.toUpperCase().toLowerCase();
}
