import { DataError } from '../base/errors.js';
import { drawParts, splitCounts, SPLITS } from './draw.js';
import type { Fractions } from './draw.js';
import { groupIndices } from './groups.js';
import type { Dataset, Sample } from './sample.js';

/** Options of {@link splitDataset}. */
export interface SplitOptions extends Fractions {
  /** The same seed gives the same split of the same data set. */
  readonly seed: number;
}

/**
 * Draws the splits of a data set at random; splits that it had are forgotten. Samples of the same group always stay
 * together; a sample without a group is a group of its own. Classes keep their proportions: see {@link drawParts}.
 * @throws {ConfigError} when the fractions are not such.
 * @throws {DataError} when a split with a fraction above 0 gets no picture.
 */
export function splitDataset(dataset: Dataset, options: SplitOptions): Dataset {
  const { samples, root } = dataset;
  const strata = samples.map(({ label }) => label);
  const groups = groupSamples(samples);
  const parts = drawParts({ groups, strata, wanted: splitCounts(strata, options), seed: options.seed });
  requireParts(root, parts, groups.length, options);
  return { ...dataset, samples: samples.map((sample, index) => ({ ...sample, split: SPLITS[parts[index]!]! })) };
}

/** Indices of the samples by group, in the order in which the groups first occur. */
export function groupSamples(samples: readonly Sample[]): number[][] {
  return groupIndices(samples.map(({ group }) => group));
}

/** Checks that every fold has got something. @throws {DataError} when one has not. */
export function requireFolds(root: string, parts: readonly number[], folds: number, groups: number): void {
  const used = new Set(parts).size;
  if (used === folds) return;
  throw new DataError(`${root}: only ${used} of ${folds} folds get a picture`, {
    hint: `There are ${groups} groups of pictures: add some, or draw fewer folds.`,
  });
}

/**
 * Checks that every split that shall get something has got something.
 * @param parts the part of each picture, as an index into {@link SPLITS}
 * @throws {DataError} when one has not.
 */
export function requireParts(root: string, parts: readonly number[], groups: number, fractions: Fractions): void {
  SPLITS.forEach((split, index) => {
    if (fractions[split] === 0 || parts.includes(index)) return;
    throw new DataError(`${root}: no picture is left for the ${split} split`, {
      hint: `There are ${groups} groups of pictures: add some, or set the fraction of ${split} to 0.`,
    });
  });
}
