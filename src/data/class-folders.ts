import { basename } from 'node:path';
import { DataError } from '../base/errors.js';
import { parseAnyBand } from './bands.js';
import { classList } from './classes.js';
import type { ClassList } from './classes.js';
import { findPictures, readFolder } from './folder.js';
import type { Dataset, Problem, Sample, Split } from './sample.js';

/** The pictures of one class. */
export interface ClassFolder {
  path: string;
  name: string;
  pictures: string[];
}

/**
 * Reads a folder that holds a folder per class. The folders below a class belong to the class.
 * @throws {DataError} when it holds no folder, or a class folder holds no picture.
 */
export async function readClassFolders(folder: string, root: string, problems: Problem[]): Promise<ClassFolder[]> {
  const { folders, pictures } = await readFolder(folder, root, problems);
  if (folders.length === 0) {
    throw new DataError(`${folder}: no class folders`, { hint: 'Put the pictures into one folder per class.' });
  }
  if (pictures.length > 0) {
    problems.push({ file: folder, reason: `${pictures.length} pictures lie outside the class folders` });
  }
  const classes: ClassFolder[] = [];
  for (const path of folders) {
    const found = await findPictures(path, root, problems);
    if (found.length === 0) {
      throw new DataError(`${path}: the class folder holds no pictures`, {
        hint: 'Add pictures (JPEG, PNG, WebP, GIF, TIFF or AVIF), or remove the folder.',
      });
    }
    classes.push({ path, name: basename(path), pictures: found });
  }
  return classes;
}

/**
 * The samples of class folders. Where the classes are age bands that were given, a folder of another band that lies in none
 * of them as a whole is left out and reported.
 * @param problems receives the folders that were left out
 * @throws {DataError} when a folder is not in the list of classes.
 */
export function samplesOfFolders(
  folders: readonly ClassFolder[],
  list: ClassList,
  problems: Problem[],
  split?: Split,
): Sample[] {
  return folders.flatMap(({ path, name, pictures }) => {
    const label = list.indexOf(name);
    if (label === undefined && list.spans !== undefined && parseAnyBand(name) !== undefined) {
      const reason = `${pictures.length} pictures left out: ${JSON.stringify(name)} lies in none of the bands ${list.classes.join(', ')} as a whole`;
      problems.push({ file: path, reason });
      return [];
    }
    if (label === undefined) {
      throw new DataError(`${path}: ${JSON.stringify(name)} is not one of the classes ${list.classes.join(', ')}`, {
        hint: 'Rename or remove the folder.',
      });
    }
    return pictures.map((file) => ({ file, label, ...(split === undefined ? {} : { split }) }));
  });
}

/**
 * Opens a folder of class folders without splits.
 * @param expected the classes to use, instead of those that the folders name.
 * @throws {DataError} as {@link readClassFolders} and {@link samplesOfFolders}.
 */
export async function openClassFolders(root: string, expected?: readonly string[]): Promise<Dataset> {
  const problems: Problem[] = [];
  const folders = await readClassFolders(root, root, problems);
  const list = classList(
    folders.map(({ name }) => name),
    expected,
  );
  const samples = requireSome(root, samplesOfFolders(folders, list, problems), list);
  return { root, kind: 'class-folders', classes: list.classes, samples, problems };
}

/** @throws {DataError} when all folders were left out */
export function requireSome(root: string, samples: Sample[], { classes }: ClassList): Sample[] {
  if (samples.length > 0) return samples;
  throw new DataError(`${root}: no class folder lies in one of the bands ${classes.join(', ')} as a whole`, {
    hint: 'Give other bands, or a manifest with a column `age`.',
  });
}
