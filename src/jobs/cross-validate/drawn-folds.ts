/** The folds of a cross-validation and their splits, drawn once and written down, so that nothing changes them later. */
import { classNamesSchema } from '../../base/classes.js';
import { join } from 'node:path';
import { z } from 'zod';
import { FormatError, messageOf } from '../../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../../base/files.node.js';
import { datasetManifest, picturesFolder } from '../../data/dataset-manifest.js';
import { parseBandList } from '../../data/bands.js';
import { checkTrainable, openDataset } from '../../data/dataset.js';
import { compareFiles } from '../../data/duplicates/near-duplicates.js';
import type { FoldedDataset } from '../../data/folds.js';
import { drawFolds, publishedFolds, splitOfFold } from '../../data/folds.js';
import { writeManifest } from '../../data/manifest-file.js';
import type { Problem, Split } from '../../data/sample.js';
import { subset } from '../../data/subset.js';
import { problemSchema } from '../runs/run-item.js';
import type { CrossValidationSettings } from './settings.js';

const count = z.int().nonnegative();

const drawnSchema = z.object({
  classes: classNamesSchema,
  /** Folder that the names in the manifests of the folds start from. */
  pictures: z.string().min(1),
  /** Subjects that published folds part. */
  leaks: count,
  /** What the folds are called, and the pictures of each split. */
  folds: z.array(z.object({ name: z.string(), train: count, valid: count, test: count })).min(2),
  problems: z.array(problemSchema),
});
export type DrawnFolds = z.infer<typeof drawnSchema>;

function foldsFile(out: string): string {
  return join(out, 'folds.json');
}

/** Whether the folds of a cross-validation were drawn. */
export async function hasFolds(out: string): Promise<boolean> {
  return (await readFileIfPresent(foldsFile(out))) !== undefined;
}

/** The manifest of a fold (from 1), with its splits. */
export function foldManifest(out: string, fold: number): string {
  return join(out, `fold-${fold}.csv`);
}

/** The run of a fold (from 1). */
export function foldRun(out: string, fold: number): string {
  return join(out, `fold-${fold}`);
}

/**
 * The folds of a cross-validation: those that were drawn before, or new ones, which are written.
 * @param onProgress is told how many pictures have been read in search of copies
 * @throws {ConfigError} {DataError} when the data set cannot be divided so, or not be trained on
 */
export async function openFolds(
  out: string,
  settings: CrossValidationSettings,
  onProgress?: (done: number, total: number) => void,
): Promise<DrawnFolds> {
  const file = foldsFile(out);
  const before = await readFileIfPresent(file);
  if (before !== undefined) return parseDrawn(file, before.toString('utf8'));
  const folded = await foldData(settings, onProgress);
  const pictures = picturesFolder(folded.dataset, settings.root);
  const datasets = folded.names.map((_, index) => splitOfFold(folded, index, settings.valid, settings.seed));
  for (const dataset of datasets) checkTrainable(dataset, settings.batchSize);
  for (const [index, dataset] of datasets.entries()) {
    await writeManifest(foldManifest(out, index + 1), datasetManifest(dataset, pictures));
  }
  const folds = datasets.map(({ samples }, index) => {
    const size = (split: Split): number => samples.filter((sample) => sample.split === split).length;
    return { name: folded.names[index]!, train: size('train'), valid: size('valid'), test: size('test') };
  });
  const { classes, problems } = folded.dataset;
  const drawn = { classes: [...classes], pictures, leaks: folded.leaks, folds, problems };
  // Last: once it is there, so are the manifests.
  await writeFileAtomic(file, `${JSON.stringify(drawn, undefined, 2)}\n`);
  return drawn;
}

async function foldData(
  { data, root, bands, groupBy, folds, limit, seed, nearDuplicates, allowLeaks }: CrossValidationSettings,
  onProgress?: (done: number, total: number) => void,
): Promise<FoldedDataset> {
  const opened = await openDataset(data, {
    ...(root === undefined ? {} : { root }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(bands === undefined ? {} : { classes: parseBandList(bands) }),
  });
  const whole = { ...opened, samples: opened.samples.map(({ split: _split, ...sample }) => sample) };
  const dataset = limit === undefined ? whole : subset(whole, limit, seed);
  if (folds === 'published') return publishedFolds(dataset, allowLeaks);
  if (!nearDuplicates) return drawFolds(dataset, folds, [], seed);
  const { pairs, problems } = await compareFiles(dataset.samples.map(({ file }) => file), onProgress);
  const unread: Problem[] = [...dataset.problems, ...problems];
  return drawFolds({ ...dataset, problems: unread }, folds, pairs.map(({ first, second }) => [first, second] as const), seed);
}

function parseDrawn(file: string, text: string): DrawnFolds {
  try {
    return drawnSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new FormatError(file, `is damaged: ${messageOf(error)}`, {
      hint: 'Start again in another folder.',
      cause: error,
    });
  }
}
