import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { ConfigError, DataError, FormatError, messageOf } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import { checkTrainable, openDataset, samplesOf } from '../data/dataset.js';
import { DEFAULT_FRACTIONS, SPLITS } from '../data/draw.js';
import { writeProblemsFile } from '../data/problems-file.js';
import type { Dataset, Problem, Sample } from '../data/sample.js';
import { splitDataset } from '../data/split.js';
import { subset } from '../data/subset.js';
import type { TrainConfig } from './config.js';
import { givenClasses } from './config.js';
import type { RunFolder } from './run-folder.js';

/**
 * Opens the data set of a new run, splits it if it is not split yet, and limits it.
 * @throws {DataError} when it cannot be trained on.
 * @throws {ConfigError} for shares of data that are split already, or a limit that empties a split.
 */
export async function choosePictures(config: TrainConfig): Promise<Dataset> {
  const { data, root, seed, train, valid, test, limit, batchSize } = config;
  const classes = givenClasses(config);
  const opened = await openDataset(data, { ...(root ? { root } : {}), ...(classes ? { classes } : {}) });
  const isSplit = opened.samples.some((sample) => sample.split !== undefined);
  if (isSplit) refuseShares(config);
  const split = isSplit ? opened : splitDataset(opened, { train, valid, test, seed });
  const chosen = limit === undefined ? split : limited(split, limit, seed);
  checkTrainable(chosen, batchSize);
  if (config.target === 'years') requireAges(chosen);
  return chosen;
}

function requireAges(dataset: Dataset): void {
  if (samplesOf(dataset, 'train').some(({ age }) => age !== undefined)) return;
  throw new DataError(`${dataset.root}: no training picture has an age, which the target years needs`, {
    hint: 'Give a CSV manifest with a column `age`, or train on bands.',
  });
}

/** Data that are split already are not divided again. Shares may come from a run that training starts from. */
function refuseShares({ data, from, ...config }: TrainConfig): void {
  const share = SPLITS.find((split) => config[split] !== DEFAULT_FRACTIONS[split]);
  if (share === undefined || from !== undefined) return;
  throw new ConfigError(`${share}: ${data} is split already, got a share of ${config[share]}`, {
    hint: 'Leave the shares out, or split the data anew: ageband split MANIFEST.',
  });
}

function limited(dataset: Dataset, limit: number, seed: number): Dataset {
  const chosen = subset(dataset, limit, seed);
  const emptied = SPLITS.find((split) => samplesOf(dataset, split).length > 0 && samplesOf(chosen, split).length === 0);
  if (emptied === undefined) return chosen;
  const enough = new Set(dataset.samples.map(({ split, label }) => `${split!} ${label}`)).size;
  throw new ConfigError(`limit: with ${limit} of ${dataset.samples.length} pictures none is left for ${emptied}`, {
    hint: `With ${enough} there is one of every class in every split.`,
  });
}

/** Records which picture stands in which split, so that a resumed run and an evaluation use the same ones. */
export async function writePictures(run: RunFolder, dataset: Dataset): Promise<void> {
  const rows = dataset.samples.map(({ file, label, age, group, split }) => ({
    ...{ file, label: dataset.classes[label], age, group, split },
  }));
  await writeFileAtomic(run.splitFile, stringify(rows, { header: true, columns: ['file', 'label', 'age', 'group', 'split'] }));
}

const rowSchema = z.object({
  file: z.string().min(1),
  label: z.string(),
  age: z.literal('').or(z.coerce.number().nonnegative()),
  group: z.string(),
  split: z.enum(['train', 'valid', 'test']),
});

/**
 * The pictures of a run as `writePictures` recorded them.
 * @throws {FormatError} when the record is missing or damaged.
 */
export async function readPictures(run: RunFolder, classes: readonly string[]): Promise<Dataset> {
  const hint = 'Start the run again in another folder.';
  const content = await readFileIfPresent(run.splitFile);
  if (content === undefined) throw new FormatError(run.splitFile, 'is missing', { hint });
  try {
    const rows = z.array(rowSchema).parse(parse(content, { columns: true }));
    const samples = rows.map(({ file, label, age, group, split }): Sample => {
      if (!classes.includes(label)) throw new Error(`label "${label}" is none of ${classes.join(', ')}`);
      const known = { ...(age === '' ? {} : { age }), ...(group ? { group } : {}) };
      return { file, label: classes.indexOf(label), split, ...known };
    });
    return { root: run.splitFile, kind: 'manifest', classes, samples, problems: [] };
  } catch (error) {
    throw new FormatError(run.splitFile, `is damaged: ${messageOf(error)}`, { hint, cause: error });
  }
}

/** Lists what was left out and why. */
export async function writeProblems(run: RunFolder, problems: readonly Problem[]): Promise<void> {
  if (problems.length > 0) await writeProblemsFile(run.problemsFile, problems);
}

/**
 * Checks that the pictures that cannot be read are those that could not be read when the run began. With others it would go on
 * with other batches, and come to other weights than without the interruption.
 * @param unreadable pictures for training and validation that cannot be read now
 * @throws {DataError} naming a picture that is gone, or that has come back
 */
export async function requireSamePictures(run: RunFolder, { samples }: Dataset, unreadable: readonly Problem[]): Promise<void> {
  const before = await leftOut(run);
  const now = new Set(unreadable.map(({ file }) => file));
  const gone = unreadable.filter(({ file }) => !before.has(file));
  if (gone.length > 0) {
    const [first] = gone;
    throw new DataError(`${first!.file}: ${first!.reason}; ${gone.length} of the run's pictures could be read when it began, and cannot now`, {
      hint: 'Put the data back in their place; the run can then be resumed.',
    });
  }
  const returned = samples.filter(({ file, split }) => split !== 'test' && before.has(file) && !now.has(file));
  if (returned.length === 0) return;
  throw new DataError(`${returned[0]!.file}: could not be read when the run began and can be read now, with ${returned.length} in all`, {
    hint: `A run goes on with the pictures that it began with: leave out those that ${run.problemsFile} names, or start a new run.`,
  });
}

/** Files that the run has left out. */
async function leftOut(run: RunFolder): Promise<Set<string>> {
  const content = await readFileIfPresent(run.problemsFile);
  try {
    const rows = content === undefined ? [] : z.array(z.object({ file: z.string() })).parse(parse(content, { columns: true }));
    return new Set(rows.map(({ file }) => file));
  } catch (error) {
    throw new FormatError(run.problemsFile, `is damaged: ${messageOf(error)}`, { cause: error });
  }
}
