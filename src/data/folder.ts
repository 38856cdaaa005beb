import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DataError } from '../base/errors.js';
import { isPictureName } from '../images/picture.js';
import type { Problem } from './sample.js';

/** What a folder of pictures holds, as absolute paths in the order of their character codes. */
export interface FolderContent {
  folders: string[];
  pictures: string[];
}

/**
 * Lists the folders and pictures directly in a folder. Hidden entries and files that are no pictures by their name are
 * passed over. Linked folders, and links to files outside `root`, are not followed but reported.
 * @param root the folder that must hold everything.
 * @param problems receives the links that were left out.
 */
export async function readFolder(folder: string, root: string, problems: Problem[]): Promise<FolderContent> {
  const content: FolderContent = { folders: [], pictures: [] };
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) content.folders.push(path);
    else if (entry.isSymbolicLink()) await readLink(entry, path, root, content, problems);
    else if (entry.isFile() && isPictureName(entry.name)) content.pictures.push(path);
  }
  return content;
}

/**
 * All pictures in a folder and the folders below it. Arguments as for {@link readFolder}.
 * @param except a folder that is passed over with everything in it
 */
export async function findPictures(
  folder: string,
  root: string,
  problems: Problem[],
  except?: string,
): Promise<string[]> {
  const found: string[] = [];
  await collect(folder);
  return found;

  async function collect(from: string): Promise<void> {
    const { folders, pictures } = await readFolder(from, root, problems);
    // There may be more than one call takes as arguments.
    for (const picture of pictures) found.push(picture);
    for (const below of folders) if (below !== except) await collect(below);
  }
}

/**
 * The folder as `realpath` gives it.
 * @throws {DataError} when there is no such folder, or a file in its place.
 */
export async function requireFolder(folder: string): Promise<string> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined) throw new DataError(`${folder}: no such folder`);
  if (!status.isDirectory()) throw new DataError(`${folder}: is a file, but a folder is needed`);
  return await realpath(folder);
}

/** Whether a path lies in a folder or is the folder itself; both absolute. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && way !== path;
}

/**
 * Why a path must not be read as a file of a folder: there is no such file, or a link leads out of the folder;
 * `undefined` when it may.
 * @param realRoot the folder, as `realpath` gives it.
 */
export async function refusalOf(path: string, realRoot: string): Promise<string | undefined> {
  const target = await realpath(path).catch(() => undefined);
  const status = target === undefined ? undefined : await stat(target).catch(() => undefined);
  if (target === undefined || status?.isFile() !== true) return 'no such file';
  return isInside(target, realRoot) ? undefined : `a link out of ${realRoot}, which is not followed`;
}

async function readLink(
  entry: Dirent,
  path: string,
  root: string,
  content: FolderContent,
  problems: Problem[],
): Promise<void> {
  let target: string;
  try {
    target = await realpath(path);
  } catch {
    problems.push({ file: path, reason: 'a link to nowhere' });
    return;
  }
  const isFolder = (await stat(target)).isDirectory();
  if (isFolder) problems.push({ file: path, reason: 'a linked folder, which is not followed' });
  else if (!isPictureName(entry.name)) return;
  else if (isInside(target, await realpath(root))) content.pictures.push(path);
  else problems.push({ file: path, reason: `a link out of ${root}, which is not followed` });
}
