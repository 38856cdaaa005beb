/** Files that are never seen half-written, and errors of the file system in plain words. */
import { randomBytes } from 'node:crypto';
import { access, constants, copyFile, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { AgebandError, FileError, FormatError, messageOf } from './errors.js';
import { isNestedBeyond } from './json.js';
import { plainText } from './plain-text.js';
import { ownerMayRun } from './process.node.js';

/** Levels of lists and objects in a file of settings. */
const DEEPEST_JSON = 100;

const TEMPORARY_NAME = /^\.ageband-(?<pid>\d+)-[0-9a-f]+\.tmp$/;

/**
 * Writes a file so that its path holds either the old or the whole new content at every moment, even when the process
 * is killed or the machine loses power: a temporary file in the same folder is written, flushed to the disk and renamed.
 * @param content text in UTF-8, bytes, or chunks of bytes that are written one after the other
 * @param onWritten is told how many bytes are written, of how many
 * @throws {FileError} when the disk is full, the folder is missing or read-only, and so on; the old content stays.
 */
export async function writeFileAtomic(path: string, content: Content, onWritten?: ByteListener): Promise<void> {
  const followed = onWritten === undefined ? content : piecesOf(content, onWritten);
  await replaceFile(path, (temporary) => writeNew(temporary, followed, true));
  await flushFolder(dirname(path)).catch((error: unknown) => {
    throw fileError(path, 'written', error);
  });
}

/**
 * Does the same, but leaves it to the system when the content reaches the disk: for files by the thousand that can be
 * made again. It holds when the process is killed; after a loss of power the file may be empty or missing.
 * @throws {FileError} as {@link writeFileAtomic}
 */
export async function writeFileUnflushed(path: string, content: Content): Promise<void> {
  await replaceFile(path, (temporary) => writeNew(temporary, content, false));
}

type Content = string | Uint8Array | Iterable<Uint8Array>;

/** Is told how many bytes of a file have been read or written. */
export type ByteListener = (done: number, total: number) => void;

/** Bytes that are written between two reports. */
const PIECE = 2 ** 22;

function* piecesOf(content: Content, onWritten: ByteListener): Generator<Uint8Array> {
  const chunks = typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : [...content];
  const total = chunks.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += PIECE) {
      const piece = chunk.subarray(start, start + PIECE);
      yield piece;
      // The next piece is asked for when this one is written.
      done += piece.length;
      onWritten(done, total);
    }
  }
}

/**
 * Copies a file so that `path` never holds half of it, even when the process is killed. For the sake of speed the
 * copy is not flushed to the disk; where the file system can, both files share their blocks.
 * @throws {FileError} as {@link writeFileAtomic}.
 */
export async function copyFileAtomic(source: string, path: string): Promise<void> {
  await replaceFile(path, (temporary) => copyFile(source, temporary, constants.COPYFILE_FICLONE));
}

/** A new name for a file that {@link cleanTemporaryFiles} removes once its process is gone. */
export function temporaryName(folder: string): string {
  return join(folder, `.ageband-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
}

/** Lets `write` make a temporary file and renames it to `path`. */
async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryName(dirname(path));
  try {
    await write(temporary);
    for (const [folder, check] of guards) if (resolve(path).startsWith(folder + sep)) check();
    await rename(temporary, path);
  } catch (error) {
    // What went wrong first is what the user has to hear of.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof AgebandError ? error : fileError(path, 'written', error);
  }
}

const guards = new Map<string, () => void>();

/**
 * Has files that this thread writes in a folder, or below it, get their names only while a check does not throw.
 *
 * It is made when the content is there under the temporary name. So whoever first makes the check fail, and then removes
 * all temporary files, knows that nothing is renamed any more: what was temporary is gone, and what comes is refused.
 * @param folder an absolute path
 * @returns what ends it
 */
export function guardFolder(folder: string, check: () => void): () => void {
  guards.set(folder, check);
  return () => void guards.delete(folder);
}

/**
 * Removes the temporary files that killed processes have left in a folder. Those of running processes stay.
 * @param whose `all`: those of running processes are removed as well, which then fail to write their files
 * @throws {FileError} when the folder cannot be read or changed.
 */
export async function cleanTemporaryFiles(folder: string, whose: 'killed' | 'all' = 'killed'): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const goes = whose === 'all' ? TEMPORARY_NAME.test(name) : await isLeftover(path, name);
      if (goes) await rm(path, { force: true });
    }
  } catch (error) {
    throw fileError(folder, 'cleaned', error);
  }
}

/**
 * The bytes of a file, or undefined when there is none.
 * @throws {FileError} when it cannot be read.
 */
export async function readFileIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(path, 'read', error);
  }
}

/**
 * The JSON object that a file holds, or undefined when there is no file.
 * @throws {FileError} when it cannot be read.
 * @throws {FormatError} when it is no JSON object, or nested without need.
 */
export async function readJsonObject(path: string): Promise<Record<string, unknown> | undefined> {
  const bytes = await readFileIfPresent(path);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new FormatError(path, `is not JSON: ${plainText(messageOf(error))}`, { cause: error });
  }
  if (isNestedBeyond(DEEPEST_JSON, value)) throw new FormatError(path, `is nested more than ${DEEPEST_JSON} levels deep`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new FormatError(path, 'is not a JSON object');
}

/** Writes a JSON object as {@link writeFileAtomic} does. */
export async function writeJsonObject(path: string, value: object): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/**
 * Checks that a file can be written in its folder, before long work whose result it shall hold.
 * @throws {FileError} when the folder is missing or cannot be written to.
 */
export async function requireWritableFolder(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw fileError(path, 'written', error);
  }
}

/**
 * Makes a folder and those above it, where they are not there yet.
 * @returns the uppermost of those that were made, if any
 * @throws {FileError} when it cannot be made.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError(path, 'created', await causeOf(path, error));
  }
}

/** Takes {@link makeFolder} back where nothing came of what the folder was made for: what holds something stays. */
export async function unmakeFolder(path: string, uppermost: string | undefined): Promise<void> {
  if (uppermost === undefined) return;
  const last = resolve(uppermost);
  try {
    for (let folder = resolve(path); folder.startsWith(last); folder = dirname(folder)) await rmdir(folder);
  } catch {
    // Not empty, or removed by somebody else.
  }
}

/** With `recursive`, Node.js says ENOENT whatever hinders it, a read-only disk for instance. The first folder that is missing tells. */
async function causeOf(path: string, error: unknown): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  for (let [folder, next] = [resolve(path), dirname(resolve(path))]; folder !== next; [folder, next] = [next, dirname(next)]) {
    const reason: unknown = await mkdir(folder).catch((cause: unknown) => cause);
    const isMissing = (reason as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    if (!isMissing) return reason ?? error;
  }
  return error;
}

/** What went wrong with a file, in words for its user, from an error of `node:fs`. */
export function fileError(path: string, action: 'read' | 'written' | 'created' | 'cleaned', error: unknown): FileError {
  const { code } = error as NodeJS.ErrnoException;
  const fail = (reason: string, hint: string): FileError =>
    new FileError(path, `cannot be ${action}: ${reason}`, { hint, cause: error });
  switch (code) {
    case 'ENOSPC':
      return fail('the disk is full', 'Free some space or choose a folder on another disk.');
    case 'EDQUOT':
      return fail('the disk quota is used up', 'Free some space or choose a folder on another disk.');
    case 'EACCES':
    case 'EPERM':
      return fail('no permission', 'Check the owner and the permissions of the file and its folder.');
    case 'EROFS':
      return fail('the file system is read-only', 'Choose a folder on a disk that can be written to.');
    case 'ENOENT':
      return fail('no such file or folder', 'Check the path.');
    case 'EISDIR':
      return fail('it is a folder', 'Give the path of a file.');
    case 'ENOTDIR':
    case 'EEXIST':
      return fail('a file is in the place of a folder', 'Check the path.');
    default:
      return new FileError(path, `cannot be ${action}: ${messageOf(error)}`, { cause: error });
  }
}

async function writeNew(path: string, content: Content, flush: boolean): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await writeFile(handle, content);
    if (flush) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename last through a power failure. Windows cannot open folders and flushes them itself. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const pid = TEMPORARY_NAME.exec(name)?.groups?.['pid'];
  if (pid === undefined) return false;
  // Its owner may rename it at any moment.
  const file = await stat(path).catch(() => undefined);
  return file !== undefined && !ownerMayRun(Number(pid), file.mtimeMs);
}
