import { ConfigError, DataError } from '../base/errors.js';
import { PURPOSE, randomStream } from '../base/random.js';
import { apportion } from './apportion.js';
import type { Dataset, Sample, Split } from './sample.js';

/** Options of {@link splitDataset}. */
export interface SplitOptions {
  /** Fractions of the pictures, each from 0 to 1; together 1. */
  readonly train: number;
  readonly valid: number;
  readonly test: number;
  /** The same seed gives the same split of the same data set. */
  readonly seed: number;
}

const SPLITS: readonly Split[] = ['train', 'valid', 'test'];

/** The proportions of the report, and the default wherever a data set must be split. */
export const DEFAULT_FRACTIONS = { train: 0.6, valid: 0.2, test: 0.2 } as const;

/**
 * Draws the splits of a data set at random; splits that it had are forgotten. Samples of the same group always stay
 * together; a sample without a group is a group of its own.
 *
 * Classes keep their proportions: the groups are taken in random order, and each goes to the split where it brings the
 * numbers per class nearest to what is wanted (least squares). Without groups the numbers are exact.
 * @throws {ConfigError} when the fractions are not such.
 * @throws {DataError} when a split with a fraction above 0 gets no picture.
 */
export function splitDataset(dataset: Dataset, options: SplitOptions): Dataset {
  const fractions = SPLITS.map((split) => options[split]);
  requireFractions(fractions);
  const groups = groupSamples(dataset.samples);
  randomStream(options.seed, PURPOSE.split).shuffle(groups);
  const missing = wantedCounts(dataset, fractions);
  const splits: Split[] = new Array<Split>(dataset.samples.length);
  for (const group of groups) {
    const labels = group.map((index) => dataset.samples[index]!.label);
    const chosen = neediest(missing, labels);
    for (const label of labels) missing[chosen]![label]! -= 1;
    for (const index of group) splits[index] = SPLITS[chosen]!;
  }
  SPLITS.forEach((split, index) => {
    if (fractions[index]! > 0 && !splits.includes(split)) {
      throw new DataError(`${dataset.root}: no picture is left for the ${split} split`, {
        hint: `There are ${groups.length} groups of pictures: add some, or set the fraction of ${split} to 0.`,
      });
    }
  });
  return { ...dataset, samples: dataset.samples.map((sample, index) => ({ ...sample, split: splits[index]! })) };
}

/** Indices of the samples by group, in the order in which the groups first occur. */
export function groupSamples(samples: readonly Sample[]): number[][] {
  const groups = new Map<string | number, number[]>();
  samples.forEach(({ group }, index) => {
    const key = group ?? index;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [index]);
    else members.push(index);
  });
  return [...groups.values()];
}

function requireFractions(fractions: readonly number[]): void {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (fractions.every((fraction) => fraction >= 0) && Math.abs(sum - 1) < 1e-6) return;
  throw new ConfigError(`the fractions of train, valid and test must add up to 1, got ${fractions.join(', ')}`);
}

/** How many samples of each class each split should get: [split][class]. */
function wantedCounts(dataset: Dataset, fractions: readonly number[]): number[][] {
  const sizes = dataset.classes.map(() => 0);
  for (const { label } of dataset.samples) sizes[label]! += 1;
  const shares = sizes.map((size) => apportion(size, fractions));
  return fractions.map((_, split) => shares.map((share) => share[split]!));
}

/**
 * The split whose squared distance from the wanted counts shrinks most when a group with these labels is added. For a
 * group g and missing counts m that is the split with the largest Σ gₖ·mₖ, since Σ(m - g)² = Σm² - 2Σgm + Σg². That is
 * above 0, as the missing counts of all splits add up to what is left; so a split of fraction 0, where nothing is ever
 * missing, gets nothing.
 */
function neediest(missing: readonly number[][], labels: readonly number[]): number {
  const needs = missing.map((counts) => labels.reduce((sum, label) => sum + counts[label]!, 0));
  return needs.indexOf(Math.max(...needs));
}
