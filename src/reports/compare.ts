import { basename, resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Problem, Sample, Split } from '../data/sample.js';
import type { Headlines } from '../evaluation/headlines.js';
import type { Judgement } from '../evaluation/judge.js';
import { judge } from '../evaluation/judge.js';
import type { PairedDifference } from '../evaluation/paired.js';
import { pairedDifferences } from '../evaluation/paired.js';
import type { Predictions } from '../evaluation/run-network.js';
import { openRunNetwork } from '../evaluation/run-network.js';
import { probabilitiesOf } from '../evaluation/temperature.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import type { EpochRecord } from '../training/history.js';
import { readHistory } from '../training/history.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';
import { openRun, readConfig } from '../training/run-folder.js';
import type { DataOptions } from './measured-run.js';
import { countKnown, trainingPicturesOf } from './training-pictures.js';

export interface CompareOptions extends DataOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
  /** Compares although pictures were seen in training. Default: that is refused. */
  readonly allowLeaks?: boolean;
}

/** One of the runs that are compared. */
export interface ComparedRun {
  /** As it was given. */
  readonly run: string;
  readonly config: TrainConfig;
  readonly history: readonly EpochRecord[];
  readonly judgement: Judgement;
  /** How many of the subjects have been seen in its training. */
  readonly known: LeakCounts;
  /** Runs that its weights come from and whose pictures are not known any more. */
  readonly unknownRuns: readonly string[];
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

/** @param run which of the runs is at work, as it was given */
export type ComparisonListener = (done: number, total: number, verb: 'read' | 'measured', run: string) => void;

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
  const { split = 'test', allowLeaks = false, data = null } = options;
  const runs = await Promise.all(paths.map(open));
  const [first] = runs;
  if (first === undefined || runs.length < 2) throw new ConfigError('compare: at least two runs are needed');
  requireSameClasses(runs);
  const { samples, problems } = await picturesOf(runs, split, options);
  const trained = await Promise.all(paths.map(trainingPicturesOf));
  const known = trained.map((pictures) => countKnown(samples, pictures));
  if (!allowLeaks) known.forEach((counts, index) => requireUnknown(paths[index]!, split, counts));
  const predictions: Predicted[] = [];
  for (const run of runs) predictions.push(await predictWith(run, samples, listen));
  const { samples: measured, problems: unread, probabilities } = predictions[0]!;
  if (predictions.some((other) => other.samples.length !== measured.length)) {
    throw new DataError('compare: some pictures changed while they were measured', { hint: 'Compare again.' });
  }
  const groups = groupIndices(measured.map(({ group }) => group));
  const labels = Int32Array.from(measured, ({ label }) => label);
  const histories = await Promise.all(runs.map(({ run }) => readHistory(run)));
  return {
    ...{ split, data, pictures: measured.length, subjects: groups.length },
    runs: runs.map(({ run, config }, index) => ({
      ...{ run: run.path, config, history: histories[index]!, known: known[index]! },
      judgement: judge(measured, predictions[index]!.probabilities, first.classes),
      unknownRuns: trained[index]!.unknownRuns,
    })),
    differences: predictions
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

type Predicted = Omit<Predictions, 'logits'> & { readonly probabilities: Float32Array };

async function predictWith({ run, config }: OpenedRun, samples: readonly Sample[], listen: ComparisonListener): Promise<Predicted> {
  const network = await openRunNetwork(run, 'best');
  try {
    const { logits, ...predicted } = await network.predict(samples, {
      ...{ seed: config.seed, workers: config.workers },
      onProgress: (done, total) => listen(done, total, 'read', run.path),
      onPredicted: (done, total) => listen(done, total, 'measured', run.path),
    });
    return { ...predicted, probabilities: probabilitiesOf(logits, network.classes.length, network.calibration?.temperature) };
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
async function picturesOf(
  runs: readonly OpenedRun[],
  split: Split,
  { data, root }: DataOptions,
): Promise<{ samples: Sample[]; problems: readonly Problem[] }> {
  const { classes } = runs[0]!;
  if (data === undefined) return { samples: await sharedPictures(runs, split), problems: [] };
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
  return { samples, problems };
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

function requireUnknown(run: string, split: Split, { groups, ofGroups, pictures, ofPictures }: LeakCounts): void {
  if (groups === 0) return;
  throw new DataError(
    `${run}: ${groups} of ${ofGroups} subjects (${pictures} of ${ofPictures} ${split} pictures) were seen in its training, ` +
      'so its figures would be too good',
    { hint: 'Compare runs with the same split by subject, or compare all the same with --allow-leaks.' },
  );
}

/** The names of runs for tables: the last part of their paths if those differ, else the whole. */
export function shortNames(runs: readonly string[]): string[] {
  const names = runs.map((run) => basename(resolve(run)));
  return new Set(names).size === names.length ? names : [...runs];
}
