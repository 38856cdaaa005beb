/** What a network was trained on, as far as its run and those that its weights come from say. */
import { resolve } from 'node:path';
import { samplesOf } from '../data/dataset.js';
import type { Sample } from '../data/sample.js';
import { parseConfig } from '../training/config.js';
import { readPictures } from '../training/pictures.js';
import { openRun, readConfig } from '../training/run-folder.js';

export interface TrainingPictures {
  /** Each file once. */
  readonly samples: readonly Sample[];
  /** Those of the runs whose training pictures are not known: they were imported, or are not there any more. */
  readonly unknownRuns: readonly string[];
}

/**
 * The training pictures of a run, and of the runs that its weights come from.
 * @throws {ConfigError} {FormatError} when there is no such run, or its configuration is damaged
 */
export async function trainingPicturesOf(path: string): Promise<TrainingPictures> {
  const samples = new Map<string, Sample>();
  const unknownRuns: string[] = [];
  const visited = new Set<string>();
  let from: string | undefined = path;
  while (from !== undefined && !visited.has(resolve(from))) {
    const run: string = from;
    visited.add(resolve(run));
    const isFirst = visited.size === 1;
    const record = await recordOf(run).catch((error: unknown) => {
      if (isFirst) throw error;
      return undefined;
    });
    for (const sample of record?.trained ?? []) samples.set(sample.file, sample);
    if (record?.trained === undefined) unknownRuns.push(run);
    from = record?.from;
  }
  return { samples: [...samples.values()], unknownRuns };
}

/** What one run was trained on, if that is known, and the run that it started from. */
async function recordOf(path: string): Promise<{ trained: readonly Sample[] | undefined; from: string | undefined }> {
  const run = await openRun(path);
  const { classes = [], from, imported } = parseConfig(await readConfig(run));
  if (imported === true) return { trained: undefined, from };
  const trained = await readPictures(run, classes).then((dataset) => samplesOf(dataset, 'train'), () => undefined);
  return { trained, from };
}
