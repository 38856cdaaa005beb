import { resolve } from 'node:path';
import { DataError } from '../base/errors.js';
import { BatchLoader } from '../data/batches.js';
import { openDataset } from '../data/dataset.js';
import type { Dataset, Problem, Sample } from '../data/sample.js';
import { Classifier } from '../evaluation/classify.js';
import type { LoadedModel } from '../evaluation/model-source.js';
import { Session } from '../runtime/session.node.js';
import type { TrainConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';

/** What a model makes of labelled pictures. */
export interface Predictions {
  /** The pictures that could be read. */
  readonly samples: readonly Sample[];
  /** [samples, classes], row-major. */
  readonly probabilities: Float32Array;
  /** The pictures that could not. */
  readonly problems: readonly Problem[];
}

/** What is being done to how many pictures. */
export type PictureListener = (done: number, total: number, verb: 'read' | 'measured') => void;

/** Pictures that pass through the network together. */
const BATCH = 16;

/**
 * Classifies pictures, without augmentation.
 * @throws {DataError} when none can be read.
 */
export async function predict(
  { bytes, classes, imageSize }: LoadedModel,
  samples: readonly Sample[],
  { workers }: Pick<TrainConfig, 'workers'>,
  listen: PictureListener = () => undefined,
): Promise<Predictions> {
  const loader = await BatchLoader.open({
    ...{ samples, imageSize, workers, batchSize: Math.min(BATCH, samples.length), seed: 0, shuffle: false },
    onProgress: (done, total) => listen(done, total, 'read'),
  });
  try {
    const classifier = new Classifier(await Session.create(bytes), classes, imageSize);
    try {
      const probabilities = new Float32Array(loader.size * classes.length);
      const measured: Sample[] = [];
      for await (const batch of loader.batches(0)) {
        probabilities.set(await classifier.probabilities(batch.images), measured.length * classes.length);
        for (const index of batch.samples) measured.push(samples[index]!);
        listen(measured.length, loader.size, 'measured');
      }
      return { samples: measured, probabilities, problems: loader.problems };
    } finally {
      await classifier.dispose();
    }
  } finally {
    await loader.close();
  }
}

/** Where pictures to measure come from. */
export interface DataOptions {
  /** A data set in any form that `train` reads; the run's own, with its own split, by default. */
  readonly data?: string;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
}

/**
 * The pictures to measure a run on.
 * @throws {DataError} {FormatError} when there are none, or the record of the run's own is damaged.
 */
export async function openPictures(
  run: RunFolder,
  config: TrainConfig,
  classes: readonly string[],
  { data, root }: DataOptions,
): Promise<Dataset> {
  if (data === undefined || isOwnData(config, data)) return await readPictures(run, classes);
  const dataset = await openDataset(data, { classes, ...(root === undefined ? {} : { root }) });
  if (dataset.samples.length === 0) throw new DataError(`${data}: there are no pictures`);
  return dataset;
}

/** Whether a data set is the one that the run was trained on. */
export function isOwnData(config: TrainConfig, data: string): boolean {
  return resolve(data) === config.data;
}
