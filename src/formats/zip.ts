import { unzipSync, zipSync } from 'fflate';
import { FormatError, messageOf } from '../base/errors.js';

/** How many times larger than the archive its content may be: weights compress by a few per cent. */
const MOST_EXPANSION = 100;
const MOST_FILES = 1000;

/**
 * Unpacks some files of a zip archive.
 * @param name of the archive, for messages
 * @throws {FormatError} when the archive is damaged, a file is missing, or they are larger than an archive of that size holds
 */
export function unzip<Name extends string>(bytes: Uint8Array, names: readonly Name[], name: string): Record<Name, Uint8Array> {
  let total = 0;
  let count = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter(file) {
        if (++count > MOST_FILES) throw new Error(`it holds more than ${MOST_FILES} files`);
        if (!(names as readonly string[]).includes(file.name)) return false;
        total += file.originalSize;
        if (total > MOST_EXPANSION * bytes.length) throw new Error(`it would unpack to ${total} bytes`);
        return true;
      },
    });
  } catch (error) {
    throw new FormatError(name, `is no zip archive, or a damaged one: ${messageOf(error)}`, { cause: error });
  }
  for (const wanted of names) {
    if (!Object.hasOwn(files, wanted)) throw new FormatError(name, `is a zip archive without ${wanted}`);
  }
  return files;
}

/** Packs files without compression, as Keras does. The same content gives the same bytes. */
export function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...files }, { level: 0, mtime: '1980-01-01T00:00:00' });
}
