import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { openClassFolders } from './class-folders.js';
import { slipsAmongBands } from './classes.js';
import { openManifest } from './manifest.js';
import type { Dataset, Problem, Sample, Split } from './sample.js';
import { hasSplitFolders, openSplitFolders } from './split-folders.js';

/** Options of {@link openDataset}. */
export interface OpenDatasetOptions {
  /** The classes to use, such as those of a trained model, instead of those that the data set names. */
  readonly classes?: readonly string[];
  /** For a manifest: the folder that its paths are relative to. Default: the manifest's own folder. */
  readonly root?: string;
}

/**
 * Opens a data set: a folder of `train/ valid/ test/` with a folder per class in each, a folder of class folders, or a
 * CSV manifest. Which one it is shows from the path: a file is a manifest, and a folder with at least one folder named
 * for a split has splits. Pictures are not decoded here.
 * @throws {DataError} when there is nothing at the path, a few folders are no age bands while the others are (unless
 *   `classes` are given), or the data set cannot be used as a whole: see
 *   {@link openSplitFolders}, {@link openClassFolders} and {@link openManifest}.
 * @throws {ConfigError} when a root is given with a folder.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const root = resolve(path);
  const status = await stat(root).catch((error: unknown) => {
    throw new DataError(`${path}: no such folder or manifest`, { cause: error });
  });
  if (status.isDirectory() && options.root !== undefined) {
    throw new ConfigError(`root: only a CSV manifest can have one, and ${path} is a folder`, { hint: 'Leave it out.' });
  }
  const dataset = await open(root, status.isDirectory(), options);
  if (options.classes === undefined) requireOneKindOfClass(dataset);
  return dataset;
}

async function open(root: string, isFolder: boolean, options: OpenDatasetOptions): Promise<Dataset> {
  if (!isFolder) return openManifest(root, options);
  if (await hasSplitFolders(root)) return openSplitFolders(root, options.classes);
  return openClassFolders(root, options.classes);
}

/** A folder that is no age band among others that are may be a slip: see {@link slipsAmongBands}. */
function requireOneKindOfClass({ root, classes, samples }: Dataset): void {
  const slips = slipsAmongBands(classes);
  if (slips.length === 0) return;
  const { file } = samples.find(({ label }) => label === classes.indexOf(slips[0]!))!;
  const names = slips.map((name) => JSON.stringify(name)).join(', ');
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

/**
 * Checks that of every class that has training pictures one at least can be read.
 * @param unreadable the training pictures that cannot
 * @throws {DataError} naming a class of which none can.
 */
export function checkReadable(dataset: Dataset, unreadable: readonly Problem[]): void {
  const reasons = new Map(unreadable.map(({ file, reason }) => [file, reason]));
  const samples = samplesOf(dataset, 'train');
  const readable = new Set(samples.filter(({ file }) => !reasons.has(file)).map(({ label }) => label));
  const lost = samples.find(({ label }) => !readable.has(label));
  if (lost === undefined) return;
  const [name, count] = [dataset.classes[lost.label]!, samples.filter(({ label }) => label === lost.label).length];
  throw new DataError(
    `${dataset.root}: none of the ${count} training pictures of ${name} can be read; ${lost.file}: ${reasons.get(lost.file)!}`,
    { hint: 'Mend the files, or leave the class out.' },
  );
}
