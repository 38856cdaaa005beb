import { basename } from 'node:path';
import { DataError } from '../base/errors.js';
import { readClassFolders, requireSome, samplesOfFolders } from './class-folders.js';
import type { ClassFolder } from './class-folders.js';
import { classList } from './classes.js';
import { readFolder } from './folder.js';
import type { Dataset, Problem, Split } from './sample.js';

const SPLIT_OF_NAME = new Map<string, Split>([
  ['train', 'train'],
  ['valid', 'valid'],
  ['val', 'valid'],
  ['validation', 'valid'],
  ['test', 'test'],
]);

/** The split that a folder or a word in a manifest names: `train`, `valid`, `val`, `validation` or `test`. */
export function parseSplit(name: string): Split | undefined {
  return SPLIT_OF_NAME.get(name);
}

/** Whether a folder holds at least one folder named for a split. */
export async function hasSplitFolders(root: string): Promise<boolean> {
  const { folders } = await readFolder(root, root, []);
  return folders.some((folder) => parseSplit(basename(folder)) !== undefined);
}

/**
 * Opens a folder with a folder per split (`train`, `valid` or `val` or `validation`, `test`), each with a folder per
 * class: the layout of Keras's `flow_from_directory`. Not all splits need to be there. Other folders are reported.
 * @param expected the classes to use, instead of those that the folders name.
 * @throws {DataError} when two folders name the same split, a split or class folder holds no pictures, a class is
 *   missing from one split, or a class folder is not in the list of classes.
 */
export async function openSplitFolders(root: string, expected?: readonly string[]): Promise<Dataset> {
  const problems: Problem[] = [];
  const splits = await findSplits(root, problems);
  const classFolders = new Map<Split, ClassFolder[]>();
  for (const [split, folder] of splits) classFolders.set(split, await readClassFolders(folder, root, problems));
  requireSameClasses(splits, classFolders);
  const names = [...classFolders.values()].flat().map(({ name }) => name);
  const list = classList(names, expected);
  const samples = [...classFolders].flatMap(([split, folders]) => samplesOfFolders(folders, list, problems, split));
  requireSome(root, samples, list);
  return { root, kind: 'split-folders', classes: list.classes, samples, problems };
}

async function findSplits(root: string, problems: Problem[]): Promise<Map<Split, string>> {
  const found = new Map<Split, string>();
  for (const folder of (await readFolder(root, root, problems)).folders) {
    const split = parseSplit(basename(folder));
    if (split === undefined) {
      problems.push({ file: folder, reason: 'left out: not one of the folders train, valid and test' });
      continue;
    }
    const other = found.get(split);
    if (other !== undefined) {
      throw new DataError(`${root}: both ${basename(other)} and ${basename(folder)} name the ${split} split`, {
        hint: 'Keep one of the two folders.',
      });
    }
    found.set(split, folder);
  }
  return found;
}

function requireSameClasses(splits: Map<Split, string>, classFolders: Map<Split, ClassFolder[]>): void {
  const names = new Map([...classFolders].map(([split, folders]) => [split, new Set(folders.map(({ name }) => name))]));
  for (const [split, folders] of classFolders) {
    for (const [otherSplit, otherNames] of names) {
      const missing = folders.find(({ name }) => !otherNames.has(name));
      if (missing === undefined) continue;
      const [folder, other] = [splits.get(otherSplit)!, splits.get(split)!];
      throw new DataError(`${folder}: no folder for the class ${JSON.stringify(missing.name)}, which ${other} has`, {
        hint: 'Every split needs the same class folders.',
      });
    }
  }
}
