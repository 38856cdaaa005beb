import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { FormatError, messageOf } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import { checkTrainable, openDataset } from '../data/dataset.js';
import { writeProblemsFile } from '../data/problems-file.js';
import type { Dataset, Problem, Sample } from '../data/sample.js';
import { splitDataset } from '../data/split.js';
import { subset } from '../data/subset.js';
import type { TrainConfig } from './config.js';
import type { RunFolder } from './run-folder.js';

/**
 * Opens the data set of a new run, splits it if it is not split yet, and limits it.
 * @throws {DataError} when it cannot be trained on.
 */
export async function choosePictures(config: TrainConfig): Promise<Dataset> {
  const { data, root, classes, seed, train, valid, test, limit, batchSize } = config;
  const opened = await openDataset(data, { ...(root ? { root } : {}), ...(classes ? { classes } : {}) });
  const isSplit = opened.samples.some((sample) => sample.split !== undefined);
  const split = isSplit ? opened : splitDataset(opened, { train, valid, test, seed });
  const chosen = limit === undefined ? split : subset(split, limit, seed);
  checkTrainable(chosen, batchSize);
  return chosen;
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
