/** The pictures that a run is measured on. */
import { resolve } from 'node:path';
import { DataError } from '../base/errors.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import type { Dataset, Sample, Split } from '../data/sample.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';
import { openRun, readConfig } from '../training/run-folder.js';

/** A run and a data set to measure it on. */
export interface MeasuredData {
  readonly run: RunFolder;
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  /** Absolute path of the data set as it was given, and the folder that its names start from if another was given. */
  readonly path: string;
  readonly root: string | undefined;
  /** Whether the run was trained on these data; then the splits are the run's own. */
  readonly isOwn: boolean;
  /** Whether the data have splits; otherwise all of them are taken. */
  readonly isSplit: boolean;
}

/**
 * Opens a run and data to measure it on.
 * @param data a data set in any form that `train` reads; by default the one that the run was trained on. One that has no
 *   splits is split as the run split it if it is the run's own; else all of it is taken.
 * @throws {ConfigError} {DataError} {FormatError} when there is no run or no such data, or they cannot be used
 */
export async function openMeasuredData(run: string, data?: string, root?: string): Promise<MeasuredData> {
  const folder = await openRun(run);
  const config = parseConfig(await readConfig(folder));
  const classes = config.classes ?? [];
  const path = data === undefined ? config.data : resolve(data);
  const isOwn = path === config.data;
  const dataset = isOwn
    ? await readPictures(folder, classes)
    : await openDataset(path, { classes, ...(root === undefined ? {} : { root }) });
  const isSplit = dataset.samples.some(({ split }) => split !== undefined);
  return { run: folder, config, dataset, path, root: isOwn ? config.root : root, isOwn, isSplit };
}

/**
 * The pictures of a split, or all where the data have none.
 * @throws {DataError} when there are none
 */
export function measuredSamples({ dataset, isSplit, path }: MeasuredData, split: Split): Sample[] {
  const samples = isSplit ? samplesOf(dataset, split) : dataset.samples;
  if (samples.length > 0) return samples;
  throw new DataError(`${path}: the ${split} split holds no pictures`, { hint: 'Name another part with --split.' });
}
