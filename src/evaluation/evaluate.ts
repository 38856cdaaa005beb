import { resolve } from 'node:path';
import { DataError } from '../base/errors.js';
import { BatchLoader } from '../data/batches.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import { countLeaks } from '../data/leaks.js';
import type { Dataset, Problem, Sample, Split } from '../data/sample.js';
import { Session } from '../runtime/session.node.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import { openRun, readConfig } from '../training/run-folder.js';
import { Classifier } from './classify.js';
import type { Judgement } from './judge.js';
import { judge } from './judge.js';
import type { LoadedModel } from './model-source.js';
import { loadModel } from './model-source.js';

export interface EvaluateOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
  /** Which weights; the best by validation are the default. */
  readonly checkpoint?: 'best' | 'last';
  /** Measures a split although subjects of it are in the training split as well. Default: that is refused. */
  readonly allowLeaks?: boolean;
}

export interface Evaluation extends Judgement {
  readonly split: Split;
  /** How much of the split is known from training, null for the training split itself and where nothing is split. */
  readonly leaks: LeakCounts | null;
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
 * @throws {DataError} when the split holds no readable pictures, or shows subjects that are also in the training split
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
  const leaks = isSplit && split !== 'train' ? leaksOf(dataset, split) : null;
  if (leaks !== null && options.allowLeaks !== true) requireNoLeaks(data, split, leaks);
  const batchSize = Math.min(BATCH, samples.length);
  const loader = await BatchLoader.open({
    ...{ samples, imageSize, batchSize, seed: 0, shuffle: false, workers: config.workers, onProgress },
  });
  try {
    const judgement = await measure(model, loader, samples);
    return { split, ...judgement, leaks, problems: [...dataset.problems, ...loader.problems] };
  } finally {
    await loader.close();
  }
}

/** What the training split knows of another. A picture without a group is a subject of its own. */
function leaksOf({ samples }: Dataset, split: Split): LeakCounts {
  const splits = samples.map((sample) => sample.split);
  return countLeaks(splits, groupIndices(samples.map(({ group }) => group)), split, 'train');
}

function requireNoLeaks(data: string, split: Split, { groups, ofGroups, pictures, ofPictures }: LeakCounts): void {
  if (groups === 0) return;
  throw new DataError(
    `${data}: ${groups} of ${ofGroups} subjects of the ${split} split are also in train ` +
      `(${pictures} of ${ofPictures} pictures), so the figures would be too good`,
    { hint: 'Split by subject (`ageband split --group-by`), or measure all the same with --allow-leaks.' },
  );
}

/** What a model makes of all readable pictures of a loader. */
async function measure(
  { bytes, classes, imageSize }: LoadedModel,
  loader: BatchLoader,
  samples: readonly Sample[],
): Promise<Judgement> {
  const classifier = new Classifier(await Session.create(bytes), classes, imageSize);
  try {
    const probabilities = new Float32Array(loader.size * classes.length);
    const judged: Sample[] = [];
    for await (const batch of loader.batches(0)) {
      probabilities.set(await classifier.probabilities(batch.images), judged.length * classes.length);
      for (const index of batch.samples) judged.push(samples[index]!);
    }
    return judge(judged, probabilities, classes);
  } finally {
    await classifier.dispose();
  }
}
