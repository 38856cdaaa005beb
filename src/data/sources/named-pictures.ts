import { relative, resolve, sep } from 'node:path';
import { findPictures, requireFolder } from '../folder.js';
import type { Problem } from '../sample.js';
import { rowsWithPictures } from './check-pictures.js';
import { readEntries } from './source.js';
import type { LeftOut, SourceOptions, SourceRow, SourceTable } from './source.js';

/**
 * Reads a data set whose labels stand in the names of its pictures: all pictures in the folder and the folders below it.
 * @param read what a name (without folders) tells; throws a `LeftOutError` when it tells nothing.
 * @throws {DataError} when there is no such folder.
 */
export async function readNamedPictures(
  folder: string,
  columns: readonly string[],
  read: (name: string) => Omit<SourceRow, 'file'>,
  { onProgress }: SourceOptions,
): Promise<SourceTable> {
  const root = resolve(folder);
  await requireFolder(root);
  const found: Problem[] = [];
  const pictures = await findPictures(root, root, found);
  const problems = found.map(asLeftOut);
  const rows = readEntries(pictures, asPlace, problems, (path) => {
    const file = slashed(relative(root, path));
    return { row: { file, ...read(file.slice(file.lastIndexOf('/') + 1)) }, place: asPlace(path) };
  });
  return { folder: root, columns, rows: await rowsWithPictures(rows, root, problems, onProgress), problems };
}

/** A path of this system with forward slashes. */
export function slashed(path: string): string {
  return path.split(sep).join('/');
}

/** A link that was not followed. */
export function asLeftOut(problem: Problem): LeftOut {
  return { ...problem, kind: 'missing' };
}

export function asPlace(file: string): Omit<Problem, 'reason'> {
  return { file };
}
