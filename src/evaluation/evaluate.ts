import { ConfigError, DataError } from '../base/errors.js';
import type { Problem, Split } from '../data/sample.js';
import type { Augmentation } from '../images/augment.js';
import { augmentationOf } from '../training/config.js';
import type { ColumnFigures, PictureColumns } from './columns.js';
import { judgeByColumns, readColumns } from './columns.js';
import type { Judgement } from './judge.js';
import type { KnownPictures, LeakOptions } from './leak-check.js';
import { checkLeaks } from './leak-check.js';
import type { MeasuredData } from './measured-data.js';
import { measuredSamples, openMeasuredData } from './measured-data.js';
import type { MeasuredNetwork } from './measured-network.js';
import type { DeviceChoice } from '../runtime/device.js';
import { openNetwork } from './measured-network.js';
import { measurePart } from './measured-part.js';
import type { CalibrationEffect } from './calibration-effect.js';

export interface EvaluateOptions extends LeakOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
  /** Which weights; the best by validation are the default. */
  readonly checkpoint?: 'best' | 'last';
  /**
   * `report` measures as the report that this project began with did, to compare with its numbers: pictures are varied at
   * random as in training, and a split that shows subjects or pictures of the training is measured, not refused.
   * Default: `plain`.
   */
  readonly protocol?: 'plain' | 'report';
  /** Columns of the manifest for whose values the figures are also given one by one, such as `gender`. */
  readonly by?: readonly string[];
  /** How many of the worst mistakes are listed; 20 by default. */
  readonly worst?: number;
  /** What computes; `cpu` by default. */
  readonly device?: DeviceChoice;
}

export interface Evaluation extends Judgement, KnownPictures {
  readonly split: Split;
  readonly protocol: 'plain' | 'report';
  /** Null for weights that are not calibrated. */
  readonly temperature: CalibrationEffect | null;
  /** One entry for each column that was asked for. */
  readonly by: readonly ColumnFigures[];
  /** Pictures that were left out. */
  readonly problems: readonly Problem[];
}

/** @param verb what has been done to the pictures: `compared` with the training pictures, or `read` to be classified */
export type EvaluationProgress = (done: number, total: number, verb: 'compared' | 'read') => void;

/**
 * Measures a model on labelled pictures.
 * @param model folder of a run, or an exported ONNX file
 * @param data a data set in any form that `train` reads; by default the one that the run was trained on, and needed for an
 *   ONNX file. One that has no splits is split as the run split it if it is the run's own; else all of it is taken.
 * @throws {DataError} when the split holds no readable pictures, or shows subjects or near copies of pictures that the run,
 *   or one that its weights come from, was trained on
 * @throws {ConfigError} when a column is not there, or an ONNX file is given without data
 */
export async function evaluateRun(
  model: string,
  data?: string,
  options: EvaluateOptions = {},
  onProgress: EvaluationProgress = () => undefined,
): Promise<Evaluation> {
  return await withNetwork(model, data, options, (measured, network, columns) =>
    evaluateSplit(measured, network, columns, options.split ?? 'test', options, onProgress),
  );
}

/**
 * Measures a model on every split of a data set: training, validation and test, as far as they hold pictures.
 * @throws {DataError} when the data have no splits; else as {@link evaluateRun}
 */
export async function evaluateSplits(
  model: string,
  data?: string,
  options: Omit<EvaluateOptions, 'split'> = {},
  onProgress: EvaluationProgress = () => undefined,
): Promise<Evaluation[]> {
  return await withNetwork(model, data, options, async (measured, network, columns) => {
    if (!measured.isSplit) {
      throw new DataError(`${measured.path}: has no splits to measure side by side`, { hint: 'Leave out --split all.' });
    }
    const splits = (['train', 'valid', 'test'] as const).filter((split) =>
      measured.dataset.samples.some((sample) => sample.split === split),
    );
    const evaluations: Evaluation[] = [];
    for (const split of splits) {
      evaluations.push(await evaluateSplit(measured, network, columns, split, options, onProgress));
    }
    return evaluations;
  });
}

async function withNetwork<Result>(
  model: string,
  data: string | undefined,
  { root, checkpoint = 'best', by = [], worst, device }: EvaluateOptions,
  measure: (measured: MeasuredData, network: MeasuredNetwork, columns: PictureColumns) => Promise<Result>,
): Promise<Result> {
  if (worst !== undefined && !(Number.isInteger(worst) && worst >= 0)) {
    throw new ConfigError(`the number of worst mistakes must be a whole number from 0 on, got ${worst}`);
  }
  const measured = await openMeasuredData(model, data, root);
  const columns = await readColumns(measured, by);
  const network = await openNetwork(measured, checkpoint, device);
  try {
    return await measure(measured, network, columns);
  } finally {
    await network.dispose();
  }
}

async function evaluateSplit(
  measured: MeasuredData,
  network: MeasuredNetwork,
  columns: PictureColumns,
  split: Split,
  options: EvaluateOptions,
  onProgress: EvaluationProgress,
): Promise<Evaluation> {
  const { protocol = 'plain', worst } = options;
  const { config, dataset } = measured;
  const given = measuredSamples(measured, split);
  const leakOptions = protocol === 'report' ? { ...options, allowLeaks: true } : options;
  const known = await checkLeaks(measured, split, leakOptions, (done, total) => onProgress(done, total, 'compared'));
  const augmentation = protocol === 'report' ? reportAugmentation(measured) : undefined;
  const predictions = await network.predict(given, {
    ...{ seed: config.seed, workers: config.workers, ...(augmentation && { augmentation }) },
    onProgress: (done, total) => onProgress(done, total, 'read'),
  });
  const { judgement, temperature, samples, distributions } = measurePart(measured, network, predictions, split, worst);
  return {
    ...{ split, protocol, ...judgement, ...known, temperature },
    by: judgeByColumns(columns, samples, distributions, network.classes),
    problems: [...dataset.problems, ...predictions.problems],
  };
}

/** The report varied the pictures that it measured on like those that it trained on, also where this run does not. */
function reportAugmentation({ config }: MeasuredData): Augmentation | undefined {
  return augmentationOf({ ...config, augment: true });
}
