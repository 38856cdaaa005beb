import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { parseBand } from './bands.js';
import { openClassFolders } from './class-folders.js';
import { openManifest } from './manifest.js';
import type { Dataset, Sample, Split } from './sample.js';
import { hasSplitFolders, openSplitFolders } from './split-folders.js';

/** Options of {@link openDataset}. */
export interface OpenDatasetOptions {
  /** The classes to use, such as those of a trained model, instead of those that the data set names. */
  readonly classes?: readonly string[];
  /** For a manifest: the folder that its paths are relative to. Default: the manifest's own folder. */
  readonly root?: string;
  /** For a manifest: the column that names the groups, or `'none'`. */
  readonly groupBy?: string;
}

/**
 * Opens a data set: a folder of `train/ valid/ test/` with a folder per class in each, a folder of class folders, or a
 * CSV manifest. Which one it is shows from the path: a file is a manifest, and a folder with at least one folder named
 * for a split has splits. Pictures are not decoded here.
 * @throws {ConfigError} when `groupBy` names a column that is not there.
 * @throws {DataError} when there is nothing at the path, a few labels are no age bands while the others are (unless
 *   `classes` are given), or the data set cannot be used as a whole: see
 *   {@link openSplitFolders}, {@link openClassFolders} and {@link openManifest}.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const root = resolve(path);
  const status = await stat(root).catch((error: unknown) => {
    throw new DataError(`${path}: no such folder or manifest`, { cause: error });
  });
  const dataset = await open(root, status.isDirectory(), options);
  if (options.classes === undefined) requireOneKindOfClass(dataset);
  return dataset;
}

async function open(root: string, isFolder: boolean, options: OpenDatasetOptions): Promise<Dataset> {
  if (!isFolder) return openManifest(root, options);
  if (options.groupBy !== undefined && options.groupBy !== 'none') {
    throw new ConfigError(`${root}: a folder has no column ${JSON.stringify(options.groupBy)} to group by`, {
      hint: 'Only the rows of a CSV manifest can be grouped: `ageband data folder` writes one.',
    });
  }
  if (await hasSplitFolders(root)) return openSplitFolders(root, options.classes);
  return openClassFolders(root, options.classes);
}

/**
 * Where most classes are age bands, a class that is none is a slip such as `25-23`. It would become a class of its own
 * and put all of them out of the order of age.
 */
function requireOneKindOfClass({ root, classes, samples }: Dataset): void {
  const others = classes.filter((name) => parseBand(name) === undefined);
  if (others.length === 0 || 2 * others.length >= classes.length) return;
  const { file } = samples.find(({ label }) => label === classes.indexOf(others[0]!))!;
  const names = others.map((name) => JSON.stringify(name)).join(', ');
  throw new DataError(`${root}: most labels are age bands, but not ${names}, as of ${file}`, {
    hint: 'Correct these labels, or leave their pictures out.',
  });
}

/** The samples of one split, in the order of the data set. */
export function samplesOf(dataset: Dataset, split: Split): Sample[] {
  return dataset.samples.filter((sample) => sample.split === split);
}

/**
 * Checks that a network can be trained on a data set, before anything costly is begun.
 * @throws {DataError} when there are fewer than two classes, no training pictures, or fewer than one batch of them.
 */
export function checkTrainable(dataset: Dataset, batchSize: number): void {
  const { root, classes } = dataset;
  if (classes.length < 2) {
    throw new DataError(`${root}: at least two classes are needed, got ${classes.join(', ') || 'none'}`);
  }
  const available = samplesOf(dataset, 'train').length;
  if (available === 0) {
    throw new DataError(`${root}: the train split holds no pictures`, {
      hint: 'Split the data set first, or put pictures into train.',
    });
  }
  if (available < batchSize) {
    throw new DataError(`${root}: a batch of ${batchSize} is larger than the train split of ${available} pictures`, {
      hint: `Choose a batch size of at most ${available}.`,
    });
  }
}
