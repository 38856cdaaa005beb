/** The pictures of a sweep, split once for all of its trials, so that all are compared on the same ones. */
import { classNamesSchema } from '../../base/classes.js';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError, FormatError, messageOf } from '../../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../../base/files.node.js';
import { datasetManifest, picturesFolder } from '../../data/dataset-manifest.js';
import { groupIndices } from '../../data/groups.js';
import { countLeaks } from '../../data/leaks.js';
import { writeManifest } from '../../data/manifest-file.js';
import { parseConfig } from '../../training/config.js';
import { choosePictures } from '../../training/pictures.js';
import { problemSchema } from '../runs/run-item.js';
import type { SweepSettings } from './settings.js';

const picturesSchema = z.object({
  classes: classNamesSchema,
  /** Folder that the names in the manifest start from. */
  folder: z.string().min(1),
  problems: z.array(problemSchema),
});
export type SweepPictures = z.infer<typeof picturesSchema> & {
  /** The manifest with the splits. */
  readonly manifest: string;
};

/**
 * The pictures that were chosen before, or new ones, which are written.
 * @throws {ConfigError} {DataError} when the data set cannot be trained on or holds nothing to validate with, or subjects
 *   of the validation are also in training
 */
export async function openPictures(out: string, settings: SweepSettings): Promise<SweepPictures> {
  const [manifest, file] = [join(out, 'pictures.csv'), join(out, 'pictures.json')];
  const before = await readFileIfPresent(file);
  if (before !== undefined) return { ...parsePictures(file, before.toString('utf8')), manifest };
  const { data, root, fixed } = settings;
  // The size of a batch is the business of each trial.
  const config = parseConfig({ ...fixed, batchSize: 1, data, ...(root === undefined ? {} : { root }) });
  const dataset = await choosePictures(config);
  if (!dataset.samples.some(({ split }) => split === 'valid')) {
    throw new DataError(`${data}: the valid split holds no pictures, by which trials could be compared`, {
      hint: 'Give a share of the pictures to it: `valid: 0.2` under `fixed`, or split the data set anew.',
    });
  }
  const splits = dataset.samples.map(({ split }) => split);
  const leaks = countLeaks(splits, groupIndices(dataset.samples.map(({ group }) => group)), 'valid', 'train');
  if (leaks.groups > 0 && !settings.allowLeaks) {
    throw new DataError(
      `${data}: ${leaks.groups} of ${leaks.ofGroups} subjects of the valid split are also in train, so that the trial ` +
        'would win that remembers best',
      { hint: 'Split by subject (`ageband split --group-by`), or go on all the same with `allowLeaks: true`.' },
    );
  }
  const folder = picturesFolder(dataset, root);
  const pictures = { classes: [...dataset.classes], folder, problems: dataset.problems };
  await writeManifest(manifest, datasetManifest(dataset, folder));
  // Last: once it is there, so is the manifest.
  await writeFileAtomic(file, `${JSON.stringify(pictures, undefined, 2)}\n`);
  return { ...pictures, manifest };
}

function parsePictures(file: string, text: string): z.infer<typeof picturesSchema> {
  try {
    return picturesSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new FormatError(file, `is damaged: ${messageOf(error)}`, { hint: 'Start again in another folder.', cause: error });
  }
}
