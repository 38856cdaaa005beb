/** Whether the pictures that a network is measured on are known from its training. */
import { DataError } from '../base/errors.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Sample, Split } from '../data/sample.js';
import type { RunFolder } from '../training/run-folder.js';
import type { MeasuredData } from './measured-data.js';
import { measuredSamples } from './measured-data.js';
import { findNearCopies } from './near-copies.js';
import type { TrainingPictures } from './training-pictures.js';
import { trainingPicturesOf } from './training-pictures.js';

/** Measured pictures that are near copies of training pictures. */
export interface NearCopyCounts {
  readonly pictures: number;
  readonly ofPictures: number;
  /** Each of them, with a training picture that it is a copy of, or of whose copies it is one. */
  readonly copies: readonly { readonly file: string; readonly of: string }[];
  /** Training pictures that could not be read, and so were compared with none. */
  readonly unread: number;
}

/** What the training knows of a split. */
export interface KnownPictures {
  /**
   * Subjects of the split that were trained on, by their names or by one of their files. Null for `train` itself, and where
   * no subjects are named and no file was trained on: then nobody knows.
   */
  readonly leaks: LeakCounts | null;
  /** Near copies of training pictures; null for `train` itself, and where there are none to compare with or it was not looked. */
  readonly nearCopies: NearCopyCounts | null;
  /** What the weights come from without it being known what that was trained on: runs, or an ONNX file. */
  readonly unknownRuns: readonly string[];
}

export interface LeakOptions {
  /** Measures a split although subjects or pictures of it were trained on. Default: that is refused. */
  readonly allowLeaks?: boolean;
  /** Whether to look for near copies, for which all pictures are read once. Default: true. */
  readonly nearDuplicates?: boolean;
}

type Progress = (done: number, total: number) => void;

/**
 * Looks for subjects and near copies of a split in the training pictures: those of the run and of the runs that its weights
 * come from, and the `train` split of the data.
 * @param onProgress is told how many pictures have been compared
 * @throws {DataError} when there are any, unless that is allowed
 */
export async function checkLeaks(
  measured: MeasuredData,
  split: Split,
  { allowLeaks = false, nearDuplicates = true }: LeakOptions,
  onProgress: Progress,
): Promise<KnownPictures> {
  if (measured.isSplit && split === 'train') return { leaks: null, nearCopies: null, unknownRuns: [] };
  const { samples: dataset } = measured.dataset;
  const { samples: trained, unknownRuns } = await trainingOf(measured);
  const named = dataset.filter((sample) => sample.split === 'train');
  const files = new Set(named.map(({ file }) => file));
  const others = trained.filter(({ file }) => !files.has(file));
  const looked = measuredSamples(measured, split);
  const leaks = countKnown(looked, [...named, ...others]);
  const about = measured.path;
  const part = measured.isSplit ? split : null;
  if (!allowLeaks) requireNoLeaks(about, part, leaks);
  if (!nearDuplicates) return { leaks, nearCopies: null, unknownRuns };
  // All splits are compared together, so that what is found serves for each of them.
  const [nearCopies] = await countCopies(measured.run, looked, [...dataset, ...others], [new Set([...named, ...others])], onProgress);
  if (!allowLeaks) requireNoCopies(about, part, nearCopies!);
  return { leaks, nearCopies: nearCopies!, unknownRuns };
}

async function trainingOf({ run, model }: MeasuredData): Promise<TrainingPictures> {
  return run === undefined ? { samples: [], unknownRuns: [model] } : await trainingPicturesOf(run.path);
}

/**
 * How many subjects and pictures were trained on. A subject is known by its name, so two data sets that number their
 * subjects seem to share them, and by its files. A picture without a group is a subject of its own.
 * @returns null where no subjects are named and no file was trained on
 */
export function countKnown(samples: readonly Sample[], trained: readonly Sample[]): LeakCounts | null {
  const files = new Set(trained.map(({ file }) => file));
  const groups = new Set(trained.flatMap(({ group }) => group ?? []));
  const counts = { groups: 0, ofGroups: 0, pictures: 0, ofPictures: samples.length };
  for (const members of groupIndices(samples.map(({ group }) => group))) {
    counts.ofGroups += 1;
    const known = members.some((index) => {
      const { file, group } = samples[index]!;
      return files.has(file) || (group !== undefined && groups.has(group));
    });
    if (!known) continue;
    counts.groups += 1;
    counts.pictures += members.length;
  }
  return counts.groups === 0 && samples.every(({ group }) => group === undefined) ? null : counts;
}

/**
 * How many of some pictures are near copies of training pictures, for one training or several.
 * @param run where the result is kept, if anywhere
 * @param pictures those that are looked at, and all that they are compared with
 * @param trainings for each training, those of the pictures that it saw
 * @returns for each training; null where it saw none of the pictures
 */
export async function countCopies(
  run: RunFolder | undefined,
  looked: readonly Sample[],
  pictures: readonly Sample[],
  trainings: readonly ReadonlySet<Sample>[],
  onProgress: Progress,
): Promise<(NearCopyCounts | null)[]> {
  if (trainings.every((trained) => trained.size === 0)) return trainings.map(() => null);
  const isLooked = new Set(looked);
  const { pairs, unread } = await findNearCopies(run, pictures.map(({ file }) => file), onProgress);
  const groups = groupIndices(pictures.map(() => undefined), pairs).map((members) => members.map((place) => pictures[place]!));
  return trainings.map((trained) => {
    if (trained.size === 0) return null;
    const copies = groups.flatMap((group) => {
      const known = group.find((sample) => trained.has(sample));
      if (known === undefined) return [];
      return group.filter((sample) => isLooked.has(sample)).map(({ file }) => ({ file, of: known.file }));
    });
    const counts = { pictures: copies.length, ofPictures: looked.length };
    return { ...counts, copies, unread: unread.filter((place) => trained.has(pictures[place]!)).length };
  });
}

/** @param split null for all of the data @throws {DataError} when subjects were trained on */
export function requireNoLeaks(about: string, split: Split | null, leaks: LeakCounts | null): void {
  if (leaks === null || leaks.groups === 0) return;
  const { groups, ofGroups, pictures, ofPictures } = leaks;
  throw new DataError(
    `${about}: ${groups} of ${ofGroups} subjects${ofSplit(split)} (${pictures} of ${ofPictures} pictures) were seen in training, ` +
      'so the figures would be too good',
    {
      hint:
        'Split by subject (`ageband split --group-by`), or measure all the same with --allow-leaks. ' +
        'Subjects of the same name count as one.',
    },
  );
}

/** @param split null for all of the data @throws {DataError} when there are near copies of training pictures */
export function requireNoCopies(about: string, split: Split | null, nearCopies: NearCopyCounts | null): void {
  const [first] = nearCopies?.copies ?? [];
  if (nearCopies === null || first === undefined) return;
  const { pictures, ofPictures } = nearCopies;
  throw new DataError(
    `${about}: ${pictures} of ${ofPictures} pictures${ofSplit(split)} are near copies of training pictures, ` +
      `such as ${first.file} of ${first.of}, so the figures would be too good`,
    { hint: 'Split with `ageband split`, which keeps copies together, or measure all the same with --allow-leaks.' },
  );
}

function ofSplit(split: Split | null): string {
  return split === null ? '' : ` of the ${split} split`;
}
