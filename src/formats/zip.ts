import type { UnzipFileInfo } from 'fflate';
import { unzipSync, zipSync } from 'fflate';
import { FormatError, messageOf } from '../base/errors.js';

/** How many times larger than the archive its content may be: weights compress by a few per cent. */
const MOST_EXPANSION = 100;
/** Checkpoints of PyTorch have one for each tensor, those of the optimiser included. */
const MOST_FILES = 10_000;

/** A file in an archive. */
export interface ZippedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly isCompressed: boolean;
}

/**
 * Lists the files of a zip archive.
 * @param name of the archive, for messages
 * @throws {FormatError} when the archive is damaged
 */
export function listZip(bytes: Uint8Array, name: string): ZippedFile[] {
  const files: ZippedFile[] = [];
  unzipWhere(bytes, name, (file) => {
    files.push({ name: file.name, size: file.originalSize, isCompressed: file.compression !== 0 });
    return false;
  });
  return files;
}

/**
 * Unpacks some files of a zip archive.
 * @param name of the archive, for messages
 * @throws {FormatError} when the archive is damaged, a file is missing, or they are larger than an archive of that size holds
 */
export function unzip<Name extends string>(bytes: Uint8Array, names: readonly Name[], name: string): Record<Name, Uint8Array> {
  let total = 0;
  const files = unzipWhere(bytes, name, (file) => {
    if (!(names as readonly string[]).includes(file.name)) return false;
    total += file.originalSize;
    if (total > MOST_EXPANSION * bytes.length) throw new Error(`it would unpack to ${total} bytes`);
    return true;
  });
  for (const wanted of names) {
    if (!Object.hasOwn(files, wanted)) throw new FormatError(name, `is a zip archive without ${wanted}`);
  }
  return files;
}

function unzipWhere(bytes: Uint8Array, name: string, isWanted: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  let count = 0;
  try {
    return unzipSync(bytes, {
      filter(file) {
        if (++count > MOST_FILES) throw new Error(`it holds more than ${MOST_FILES} files`);
        return isWanted(file);
      },
    });
  } catch (error) {
    throw new FormatError(name, `is no zip archive, or a damaged one: ${messageOf(error)}`, { cause: error });
  }
}

/** Packs files without compression, as Keras does. The same content gives the same bytes. */
export function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...files }, { level: 0, mtime: '1980-01-01T00:00:00' });
}
