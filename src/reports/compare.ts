import { basename, resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { Problem, Sample, Split } from '../data/sample.js';
import type { Distributions } from '../evaluation/distributions.js';
import { distributionsOf } from '../evaluation/distributions.js';
import type { Headlines } from '../evaluation/headlines.js';
import type { Judgement } from '../evaluation/judge.js';
import { bandPictures } from '../evaluation/band-pictures.js';
import { judge } from '../evaluation/judge.js';
import type { KnownPictures, LeakOptions, NearCopyCounts } from '../evaluation/leak-check.js';
import { countCopies, countKnown, requireNoCopies, requireNoLeaks } from '../evaluation/leak-check.js';
import type { PairedDifference } from '../evaluation/paired.js';
import { pairedDifferences } from '../evaluation/paired.js';
import type { Predictions } from '../evaluation/measured-network.js';
import { openRunNetwork } from '../evaluation/measured-network.js';
import type { TrainingPictures } from '../evaluation/training-pictures.js';
import { trainingPicturesOf } from '../evaluation/training-pictures.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import type { EpochRecord } from '../training/history.js';
import { readHistory } from '../training/history.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';
import { openRun, readConfig } from '../training/run-folder.js';
import type { DataOptions } from './measured-run.js';

export interface CompareOptions extends DataOptions, LeakOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
}

/** One of the runs that are compared. */
export interface ComparedRun extends KnownPictures {
  /** As it was given. */
  readonly run: string;
  readonly config: TrainConfig;
  readonly history: readonly EpochRecord[];
  readonly judgement: Judgement;
}

/** Runs side by side, measured on the same pictures. */
export interface Comparison {
  readonly split: Split;
  /** The data set, or null for that of the runs themselves. */
  readonly data: string | null;
  readonly pictures: number;
  readonly subjects: number;
  /** In the order in which they were given. */
  readonly runs: readonly ComparedRun[];
  /** For each run but the first, its figures less those of the first; null when all pictures are of one subject. */
  readonly differences: readonly (Record<keyof Headlines, PairedDifference> | null)[];
  /** Pictures that were left out. */
  readonly problems: readonly Problem[];
}

/** @param run which of the runs is at work, as it was given; undefined when it is all of them */
export type ComparisonListener = (done: number, total: number, verb: 'compared' | 'read' | 'measured', run?: string) => void;

/** A run that is opened. */
interface OpenedRun {
  readonly run: RunFolder;
  readonly config: TrainConfig;
  readonly classes: readonly string[];
}

/**
 * Measures runs with their best weights on the same pictures, and compares each with the first by a paired bootstrap over
 * subjects.
 * @throws {ConfigError} when there are fewer than two runs, or their classes differ
 * @throws {DataError} when their own pictures differ and no data set is given, there are none, or some were seen in training
 */
export async function compareRuns(
  paths: readonly string[],
  options: CompareOptions = {},
  listen: ComparisonListener = () => undefined,
): Promise<Comparison> {
  const { split = 'test', data = null } = options;
  const runs = await Promise.all(paths.map(open));
  const [first] = runs;
  if (first === undefined || runs.length < 2) throw new ConfigError('compare: at least two runs are needed');
  requireSameClasses(runs);
  const { samples, named, problems } = await picturesOf(runs, split, options);
  const known = await knownTo(runs, { samples, named }, split, options, (done, total) => listen(done, total, 'compared'));
  const predictions: Predicted[] = [];
  for (const run of runs) predictions.push(await predictWith(run, samples, listen));
  const { samples: measured, problems: unread } = predictions[0]!;
  if (predictions.some((other) => other.samples.length !== measured.length)) {
    throw new DataError('compare: some pictures changed while they were measured', { hint: 'Compare again.' });
  }
  const inBands = predictions.map(({ distributions }) => bandPictures(measured, distributions, first.classes));
  const { members, labels, probabilities } = inBands[0]!;
  const groups = groupIndices(members.map(({ group }) => group));
  const histories = await Promise.all(runs.map(({ run }) => readHistory(run)));
  return {
    ...{ split, data, pictures: members.length, subjects: groups.length },
    runs: runs.map(({ run, config }, index) => ({
      ...{ run: run.path, config, history: histories[index]!, ...known[index]! },
      judgement: judge(measured, predictions[index]!.distributions, first.classes),
    })),
    differences: inBands
      .slice(1)
      .map((other) => pairedDifferences(probabilities, other.probabilities, labels, groups) ?? null),
    problems: [...problems, ...unread],
  };
}

async function open(path: string): Promise<OpenedRun> {
  const run = await openRun(path);
  const config = parseConfig(await readConfig(run));
  return { run, config, classes: config.classes ?? [] };
}

/**
 * What the training of each run knows of the pictures; all are looked at together, and what is found is kept in the first run.
 * @throws {DataError} when there is anything, unless that is allowed
 */
async function knownTo(
  runs: readonly OpenedRun[],
  { samples, named }: Omit<SharedPictures, 'problems'>,
  split: Split,
  { allowLeaks = false, nearDuplicates = true }: LeakOptions,
  onProgress: (done: number, total: number) => void,
): Promise<KnownPictures[]> {
  const paths = runs.map(({ run }) => run.path);
  const trainings = (await Promise.all(paths.map(trainingPicturesOf))).map((training): TrainingPictures => {
    return { ...training, samples: [...training.samples, ...named] };
  });
  const leaks = trainings.map((training) => countKnown(samples, training.samples));
  if (!allowLeaks) leaks.forEach((counts, index) => requireNoLeaks(paths[index]!, split, counts));
  const copies = nearDuplicates ? await copiesOf(runs[0]!.run, samples, trainings, onProgress) : trainings.map(() => null);
  if (!allowLeaks) copies.forEach((counts, index) => requireNoCopies(paths[index]!, split, counts));
  return trainings.map(({ unknownRuns }, index) => ({ leaks: leaks[index]!, nearCopies: copies[index]!, unknownRuns }));
}

async function copiesOf(
  run: RunFolder,
  samples: readonly Sample[],
  trainings: readonly TrainingPictures[],
  onProgress: (done: number, total: number) => void,
): Promise<(NearCopyCounts | null)[]> {
  const all = new Map(trainings.flatMap((training) => training.samples.map((sample) => [sample.file, sample] as const)));
  const sets = trainings.map((training) => new Set(training.samples.map(({ file }) => all.get(file)!)));
  return await countCopies(run, samples, [...samples, ...all.values()], sets, onProgress);
}

type Predicted = Omit<Predictions, 'logits'> & { readonly distributions: Distributions };

async function predictWith({ run, config }: OpenedRun, samples: readonly Sample[], listen: ComparisonListener): Promise<Predicted> {
  const network = await openRunNetwork(run, 'best');
  try {
    const { logits, ...predicted } = await network.predict(samples, {
      ...{ seed: config.seed, workers: config.workers },
      onProgress: (done, total) => listen(done, total, 'read', run.path),
      onPredicted: (done, total) => listen(done, total, 'measured', run.path),
    });
    return { ...predicted, distributions: distributionsOf(logits, network.scale, network.calibration) };
  } finally {
    await network.dispose();
  }
}

function requireSameClasses([first, ...others]: readonly OpenedRun[]): void {
  const other = others.find(({ classes }) => classes.join('\n') !== first!.classes.join('\n'));
  if (other === undefined) return;
  throw new ConfigError(
    `${other.run.path}: its classes are ${other.classes.join(', ')}, those of ${first!.run.path} are ${first!.classes.join(', ')}`,
    { hint: 'Only runs with the same classes in the same order can be compared.' },
  );
}

/** The pictures that all runs are measured on. */
interface SharedPictures {
  readonly samples: readonly Sample[];
  /** Those that other data name as pictures to train on. */
  readonly named: readonly Sample[];
  readonly problems: readonly Problem[];
}

async function picturesOf(runs: readonly OpenedRun[], split: Split, { data, root }: DataOptions): Promise<SharedPictures> {
  const { classes } = runs[0]!;
  if (data === undefined) return { samples: await sharedPictures(runs, split), named: [], problems: [] };
  const dataset = await openDataset(data, { classes, ...(root === undefined ? {} : { root }) });
  const { problems } = dataset;
  const isSplit = dataset.samples.some((sample) => sample.split !== undefined);
  const owners = runs.filter(({ config }) => config.data === resolve(data));
  const samples = isSplit
    ? samplesOf(dataset, split)
    : owners.length > 0
      ? await sharedPictures(owners, split)
      : dataset.samples;
  if (samples.length === 0) {
    throw new DataError(`${data}: the ${split} split holds no pictures`, { hint: 'Name another part with --split.' });
  }
  return { samples, named: samplesOf(dataset, 'train'), problems };
}

/** The pictures of a split that runs have drawn from their own data, which must be the same ones. */
async function sharedPictures(runs: readonly OpenedRun[], split: Split): Promise<Sample[]> {
  const [first, ...others] = runs;
  const samples = await ownPictures(first!, split);
  const files = new Map(samples.map(({ file, label }) => [file, label]));
  for (const other of others) {
    const theirs = await ownPictures(other, split);
    const stranger = theirs.find(({ file, label }) => files.get(file) !== label);
    if (stranger === undefined && theirs.length === samples.length) continue;
    const example = stranger === undefined ? '' : `, such as ${stranger.file}`;
    throw new DataError(
      `${other.run.path}: its ${theirs.length} ${split} pictures are not the ${samples.length} of ${first!.run.path}${example}`,
      { hint: 'Name the pictures that all shall be measured on with --data.' },
    );
  }
  return samples;
}

async function ownPictures({ run, classes }: OpenedRun, split: Split): Promise<Sample[]> {
  const samples = samplesOf(await readPictures(run, classes), split);
  if (samples.length === 0) {
    throw new DataError(`${run.path}: the ${split} split holds no pictures`, { hint: 'Name another part with --split.' });
  }
  return samples;
}

/** The names of runs for tables: the last part of their paths if those differ, else the whole. */
export function shortNames(runs: readonly string[]): string[] {
  const names = runs.map((run) => basename(resolve(run)));
  return new Set(names).size === names.length ? names : [...runs];
}
