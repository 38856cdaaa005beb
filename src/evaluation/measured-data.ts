/** The pictures that a model is measured on. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import type { Dataset, Sample, Split } from '../data/sample.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';
import { openRun, readConfig } from '../training/run-folder.js';
import type { LoadedModel } from './model-source.js';
import { loadModel } from './model-source.js';

/** A model and a data set to measure it on. */
export interface MeasuredData {
  /** Folder of the run or path of the ONNX file, as it was given. */
  readonly model: string;
  /** One of both is there. */
  readonly run: RunFolder | undefined;
  readonly onnx: LoadedModel | undefined;
  /** Of the run; the default settings for an ONNX file. */
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

/** A run and a data set to measure it on. */
export type MeasuredRunData = MeasuredData & { readonly run: RunFolder };

/**
 * Opens a run or an exported ONNX file, and data to measure it on.
 * @param data a data set in any form that `train` reads; by default the one that the run was trained on. One that has no
 *   splits is split as the run split it if it is the run's own; else all of it is taken.
 * @throws {ConfigError} {DataError} {FormatError} when there is no model or no such data, or they cannot be used
 */
export async function openMeasuredData(model: string, data?: string, root?: string): Promise<MeasuredData> {
  const status = await stat(model).catch(() => undefined);
  return status?.isFile() ? await openOnnx(model, data, root) : await openMeasuredRun(model, data, root);
}

/** As {@link openMeasuredData}, for runs alone. */
export async function openMeasuredRun(model: string, data?: string, root?: string): Promise<MeasuredRunData> {
  const run = await openRun(model);
  const config = parseConfig(await readConfig(run));
  const path = data === undefined ? config.data : resolve(data);
  if (path !== config.data) return { model, run, onnx: undefined, config, ...(await openOther(path, config, root)) };
  const dataset = await readPictures(run, config.classes ?? []);
  return { model, run, onnx: undefined, config, dataset, path, root: config.root, isOwn: true, isSplit: hasSplits(dataset) };
}

async function openOnnx(model: string, data: string | undefined, root: string | undefined): Promise<MeasuredData> {
  const onnx = await loadModel(model);
  if (data === undefined) {
    throw new ConfigError(`${model}: an ONNX file does not say what pictures to measure it on`, {
      hint: 'Name a data set after it: a manifest, or a folder with a folder for each class.',
    });
  }
  const path = resolve(data);
  const config = parseConfig({ data: path, classes: [...onnx.classes], imageSize: onnx.imageSize });
  return { model, run: undefined, onnx, config, ...(await openOther(path, config, root)) };
}

/** Data that a model was not trained on, or at least not by their name. */
async function openOther(path: string, { classes = [] }: TrainConfig, root: string | undefined) {
  const dataset = await openDataset(path, { classes, ...(root === undefined ? {} : { root }) });
  return { dataset, path, root, isOwn: false, isSplit: hasSplits(dataset) };
}

function hasSplits({ samples }: Dataset): boolean {
  return samples.some(({ split }) => split !== undefined);
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
