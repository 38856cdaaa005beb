/** Whether the pictures that a run is measured on are known from its training. */
import { DataError } from '../base/errors.js';
import { readFileIfPresent } from '../base/files.node.js';
import { samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import { countLeaks } from '../data/leaks.js';
import type { Sample, Split } from '../data/sample.js';
import { readPictures } from '../training/pictures.js';
import type { MeasuredData } from './measured-data.js';
import { measuredSamples } from './measured-data.js';
import { findNearCopies } from './near-copies.js';

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
  /** Subjects of the split that are also in `train`; null for `train` itself, and where no splits or no subjects are named. */
  readonly leaks: LeakCounts | null;
  /** Near copies of training pictures; null for `train` itself, and where it was not looked for them. */
  readonly nearCopies: NearCopyCounts | null;
}

export interface LeakOptions {
  /** Measures a split although subjects or pictures of it were trained on. Default: that is refused. */
  readonly allowLeaks?: boolean;
  /** Whether to look for near copies, for which all pictures are read once. Default: true. */
  readonly nearDuplicates?: boolean;
}

/**
 * Looks for subjects and near copies of a split in the training pictures: those of the data and, of another data set, also
 * those that the run was trained on.
 * @param onProgress is told how many pictures have been compared
 * @throws {DataError} when there are any, unless that is allowed
 */
export async function checkLeaks(
  measured: MeasuredData,
  split: Split,
  { allowLeaks = false, nearDuplicates = true }: LeakOptions,
  onProgress: (done: number, total: number) => void,
): Promise<KnownPictures> {
  if (measured.isSplit && split === 'train') return { leaks: null, nearCopies: null };
  const leaks = leaksOf(measured, split);
  if (!allowLeaks) requireNoLeaks(measured.path, split, leaks);
  const nearCopies = nearDuplicates ? await nearCopiesOf(measured, split, onProgress) : null;
  if (!allowLeaks) requireNoCopies(measured, split, nearCopies);
  return { leaks, nearCopies };
}

/** What the training split knows of another. A picture without a group is a subject of its own. */
function leaksOf({ dataset: { samples }, isSplit }: MeasuredData, split: Split): LeakCounts | null {
  const subjects = samples.map(({ group }) => group);
  if (!isSplit || subjects.every((subject) => subject === undefined)) return null;
  return countLeaks(samples.map((sample) => sample.split), groupIndices(subjects), split, 'train');
}

function requireNoLeaks(data: string, split: Split, leaks: LeakCounts | null): void {
  if (leaks === null || leaks.groups === 0) return;
  const { groups, ofGroups, pictures, ofPictures } = leaks;
  throw new DataError(
    `${data}: ${groups} of ${ofGroups} subjects of the ${split} split are also in train ` +
      `(${pictures} of ${ofPictures} pictures), so the figures would be too good`,
    { hint: 'Split by subject (`ageband split --group-by`), or measure all the same with --allow-leaks.' },
  );
}

async function nearCopiesOf(
  measured: MeasuredData,
  split: Split,
  onProgress: (done: number, total: number) => void,
): Promise<NearCopyCounts | null> {
  const { dataset, isOwn } = measured;
  const looked = new Set(measuredSamples(measured, split));
  // All splits are compared together, so that what is found serves for each of them.
  const pictures = [...dataset.samples, ...(isOwn ? [] : await trainedOn(measured))];
  const roles = pictures.map((sample) => (looked.has(sample) ? 'measured' : sample.split === 'train' ? 'train' : undefined));
  if (!roles.includes('train')) return null;
  const { pairs, unread } = await findNearCopies(measured.run, pictures.map(({ file }) => file), onProgress);
  const groups = groupIndices(pictures.map(() => undefined), pairs);
  const copies = groups.flatMap((group) => {
    const known = group.find((place) => roles[place] === 'train');
    if (known === undefined) return [];
    const members = group.filter((place) => roles[place] === 'measured');
    return members.map((place) => ({ file: pictures[place]!.file, of: pictures[known]!.file }));
  });
  const counts = { pictures: copies.length, ofPictures: looked.size };
  return { ...counts, copies, unread: unread.filter((place) => roles[place] === 'train').length };
}

/** The pictures that the run was trained on, where it still says so. */
async function trainedOn({ run, config }: MeasuredData): Promise<Sample[]> {
  if ((await readFileIfPresent(run.splitFile)) === undefined) return [];
  return samplesOf(await readPictures(run, config.classes ?? []), 'train');
}

function requireNoCopies({ path, isSplit }: MeasuredData, split: Split, nearCopies: NearCopyCounts | null): void {
  const [first] = nearCopies?.copies ?? [];
  if (nearCopies === null || first === undefined) return;
  const { pictures, ofPictures } = nearCopies;
  throw new DataError(
    `${path}: ${pictures} of ${ofPictures} pictures${isSplit ? ` of the ${split} split` : ''} are near copies of training ` +
      `pictures, such as ${first.file} of ${first.of}, so the figures would be too good`,
    { hint: 'Split with `ageband split`, which keeps copies together, or measure all the same with --allow-leaks.' },
  );
}
