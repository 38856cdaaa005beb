import { resolve } from 'node:path';
import { samplesOf } from '../data/dataset.js';
import { groupIndices } from '../data/groups.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Sample } from '../data/sample.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import { openRun, readConfig } from '../training/run-folder.js';

/** What a network has been trained on. */
export interface TrainingPictures {
  /** Absolute paths. */
  readonly files: ReadonlySet<string>;
  /** Names of subjects or of other groups. */
  readonly groups: ReadonlySet<string>;
  /** Runs that it started from whose pictures are not known any more. */
  readonly unknownRuns: readonly string[];
}

/**
 * The training pictures of a run, and of the runs that its weights come from.
 * @throws {ConfigError} {FormatError} when there is no such run, or it is damaged.
 */
export async function trainingPicturesOf(path: string): Promise<TrainingPictures> {
  const pictures = { files: new Set<string>(), groups: new Set<string>(), unknownRuns: [] as string[] };
  const visited = new Set([resolve(path)]);
  let from = await addPictures(path, pictures);
  while (from !== undefined && !visited.has(from)) {
    const run = from;
    visited.add(run);
    from = await addPictures(run, pictures).catch(() => void pictures.unknownRuns.push(run));
  }
  return pictures;
}

/** Adds the training pictures of one run, and gives the run that it started from. */
async function addPictures(
  path: string,
  { files, groups }: { files: Set<string>; groups: Set<string> },
): Promise<string | undefined> {
  const run = await openRun(path);
  const { classes = [], from } = parseConfig(await readConfig(run));
  for (const { file, group } of samplesOf(await readPictures(run, classes), 'train')) {
    files.add(file);
    if (group !== undefined) groups.add(group);
  }
  return from;
}

/**
 * How many subjects and pictures have been seen in training. A subject is known by its name, so two data sets that number
 * their subjects seem to share them. A picture without a group is a subject of its own.
 */
export function countKnown(samples: readonly Sample[], { files, groups }: TrainingPictures): LeakCounts {
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
  return counts;
}
