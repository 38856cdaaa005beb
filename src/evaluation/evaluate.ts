import { resolve } from 'node:path';
import { DataError } from '../base/errors.js';
import { BatchLoader } from '../data/batches.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import type { Problem, Split } from '../data/sample.js';
import { Session } from '../runtime/session.node.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import { openRun, readConfig } from '../training/run-folder.js';
import { Classifier } from './classify.js';
import type { Metrics } from './metrics.js';
import { computeMetrics } from './metrics.js';
import type { LoadedModel } from './model-source.js';
import { loadModel } from './model-source.js';

export interface EvaluateOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
  /** Which weights; the best by validation are the default. */
  readonly checkpoint?: 'best' | 'last';
}

export interface Evaluation extends Metrics {
  readonly split: Split;
  /** Pictures that were left out. */
  readonly problems: readonly Problem[];
}

/** Pictures that pass through the network together. */
const BATCH = 16;

/**
 * Measures a run on labelled pictures, without augmentation.
 * @param data a data set in any form that `train` reads. One that has no splits is split as the run split it if it is
 *   the run's own; else all of it is taken.
 * @param onProgress is told how many of the pictures have been read
 * @throws {DataError} when the split holds no readable pictures
 */
export async function evaluateRun(
  run: string,
  data: string,
  options: EvaluateOptions = {},
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Evaluation> {
  const { split = 'test', checkpoint = 'best' } = options;
  const model = await loadModel(run, checkpoint);
  const folder = await openRun(run);
  const config = parseConfig(await readConfig(folder));
  const isOwn = resolve(data) === config.data;
  const root = options.root === undefined ? {} : { root: options.root };
  const { classes, imageSize } = model;
  const dataset = isOwn ? await readPictures(folder, classes) : await openDataset(data, { classes, ...root });
  const isSplit = dataset.samples.some((sample) => sample.split !== undefined);
  const samples = isSplit ? samplesOf(dataset, split) : dataset.samples;
  if (samples.length === 0) {
    throw new DataError(`${data}: the ${split} split holds no pictures`, { hint: 'Name another part with --split.' });
  }
  const batchSize = Math.min(BATCH, samples.length);
  const loader = await BatchLoader.open({
    ...{ samples, imageSize, batchSize, seed: 0, shuffle: false, workers: config.workers, onProgress },
  });
  try {
    const metrics = await measure(model, loader);
    return { split, ...metrics, problems: [...dataset.problems, ...loader.problems] };
  } finally {
    await loader.close();
  }
}

/** Metrics of a model over all pictures of a loader. */
async function measure({ bytes, classes, imageSize }: LoadedModel, loader: BatchLoader): Promise<Metrics> {
  const classifier = new Classifier(await Session.create(bytes), classes, imageSize);
  try {
    const probabilities: number[] = [];
    const labels: number[] = [];
    for await (const batch of loader.batches(0)) {
      probabilities.push(...(await classifier.probabilities(batch.images)));
      labels.push(...batch.labels);
    }
    return computeMetrics(Float32Array.from(probabilities), Int32Array.from(labels), classes);
  } finally {
    await classifier.dispose();
  }
}
