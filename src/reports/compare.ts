import { basename, resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset, samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Problem, Sample, Split } from '../data/sample.js';
import type { Headlines } from '../evaluation/headlines.js';
import type { Judgement } from '../evaluation/judge.js';
import { judge } from '../evaluation/judge.js';
import type { LoadedModel } from '../evaluation/model-source.js';
import { loadModel } from '../evaluation/model-source.js';
import type { PairedDifference } from '../evaluation/paired.js';
import { pairedDifferences } from '../evaluation/paired.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import type { EpochRecord } from '../training/history.js';
import { readHistory } from '../training/history.js';
import { readPictures } from '../training/pictures.js';
import { openRun, readConfig } from '../training/run-folder.js';
import type { DataOptions, Predictions } from './predictions.js';
import { isOwnData, predict } from './predictions.js';
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
export type ComparisonListener = (done: number, total: number, verb: string, run: string) => void;

/** A run that is opened. */
interface OpenedRun {
  readonly run: string;
  readonly config: TrainConfig;
  readonly model: LoadedModel;
}

/**
 * Measures runs on the same pictures and compares each with the first, by a paired bootstrap over subjects.
 * @throws {ConfigError} when there are fewer than two runs, or their classes differ
 * @throws {DataError} when their own pictures differ and no data set is given, there are none, or some were seen in training
 */
export async function compareRuns(
  runs: readonly string[],
  options: CompareOptions = {},
  listen: ComparisonListener = () => undefined,
): Promise<Comparison> {
  const { split = 'test', allowLeaks = false, data = null } = options;
  const opened: OpenedRun[] = [];
  for (const run of runs) opened.push(await open(run));
  const [first] = opened;
  if (first === undefined || opened.length < 2) throw new ConfigError('compare: at least two runs are needed');
  requireSameClasses(opened);
  const { samples, problems } = await picturesOf(opened, split, options);
  const trained = await Promise.all(runs.map(trainingPicturesOf));
  const known = trained.map((pictures) => countKnown(samples, pictures));
  if (!allowLeaks) known.forEach((counts, index) => requireUnknown(runs[index]!, split, counts));
  const predictions: Predictions[] = [];
  for (const { run, config, model } of opened) {
    predictions.push(await predict(model, samples, config, (done, total, verb) => listen(done, total, verb, run)));
  }
  const [reference] = predictions;
  const measured = reference!.samples;
  if (predictions.some((other) => other.samples.length !== measured.length)) {
    throw new DataError('compare: some pictures changed while they were measured', { hint: 'Compare again.' });
  }
  const groups = groupIndices(measured.map(({ group }) => group));
  const labels = Int32Array.from(measured, ({ label }) => label);
  const differences = predictions
    .slice(1)
    .map(({ probabilities }) => pairedDifferences(reference!.probabilities, probabilities, labels, groups) ?? null);
  const compared: ComparedRun[] = [];
  for (const [index, { run, config, model }] of opened.entries()) {
    compared.push({
      ...{ run, config, history: await readHistory(await openRun(run)), known: known[index]! },
      judgement: judge(measured, predictions[index]!.probabilities, model.classes),
      unknownRuns: trained[index]!.unknownRuns,
    });
  }
  const counts = { pictures: measured.length, subjects: groups.length };
  return { split, data, ...counts, runs: compared, differences, problems: [...problems, ...reference!.problems] };
}

async function open(run: string): Promise<OpenedRun> {
  return { run, config: parseConfig(await readConfig(await openRun(run))), model: await loadModel(run) };
}

function requireSameClasses(runs: readonly OpenedRun[]): void {
  const [first] = runs;
  const other = runs.find(({ model }) => model.classes.join('\n') !== first!.model.classes.join('\n'));
  if (other === undefined) return;
  throw new ConfigError(
    `${other.run}: its classes are ${other.model.classes.join(', ')}, those of ${first!.run} are ${first!.model.classes.join(', ')}`,
    { hint: 'Only runs with the same classes in the same order can be compared.' },
  );
}

/** The pictures that all runs are measured on. */
async function picturesOf(
  runs: readonly OpenedRun[],
  split: Split,
  { data, root }: DataOptions,
): Promise<{ samples: Sample[]; problems: readonly Problem[] }> {
  const { classes } = runs[0]!.model;
  if (data === undefined) return { samples: await sharedPictures(runs, split), problems: [] };
  const dataset = await openDataset(data, { classes, ...(root === undefined ? {} : { root }) });
  const { problems } = dataset;
  const isSplit = dataset.samples.some((sample) => sample.split !== undefined);
  const owners = runs.filter(({ config }) => isOwnData(config, data));
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
      `${other.run}: its ${theirs.length} ${split} pictures are not the ${samples.length} of ${first!.run}${example}`,
      { hint: 'Name the pictures that all shall be measured on with --data.' },
    );
  }
  return samples;
}

async function ownPictures({ run, model }: OpenedRun, split: Split): Promise<Sample[]> {
  const samples = samplesOf(await readPictures(await openRun(run), model.classes), split);
  if (samples.length === 0) {
    throw new DataError(`${run}: the ${split} split holds no pictures`, { hint: 'Name another part with --split.' });
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
