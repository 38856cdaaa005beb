/** Cross-validation: pictures in folds, and for each fold in train, valid and test. */
import { ConfigError, DataError } from '../base/errors.js';
import { drawParts, foldCounts, splitCounts, SPLITS } from './draw.js';
import { groupIndices } from './groups.js';
import { findLeaks } from './leaks.js';
import type { Dataset, Problem } from './sample.js';
import { requireFolds, requireParts } from './split.js';

export interface FoldedDataset {
  readonly dataset: Dataset;
  /** What the folds are called, in their order. */
  readonly names: readonly string[];
  /** The fold of each sample, as an index into the names. */
  readonly folds: readonly number[];
  /** Indices of the samples that belong together: of one subject, or copies. */
  readonly groups: readonly (readonly number[])[];
  /** Groups that stand in more than one fold. */
  readonly leaks: number;
}

/**
 * The folds that the manifest of a data set names in its column `fold`, in the order of their numbers or names. Pictures
 * without one are left out and reported.
 * @throws {DataError} when there are fewer than two, or a subject stands in several of them unless `allowLeaks` is set
 */
export function publishedFolds(dataset: Dataset, allowLeaks = false): FoldedDataset {
  const { root } = dataset;
  const samples = dataset.samples.filter(({ fold }) => fold !== undefined);
  const values = samples.map(({ fold }) => fold!);
  const names = [...new Set(values)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  if (names.length < 2) {
    const got = names.length === 0 ? 'no column `fold` with values' : `only the fold ${names[0]!}`;
    throw new DataError(`${root}: at least two folds are needed, but there is ${got}`, {
      hint: 'Use the manifest that `ageband data adience` writes, or draw folds: --folds 5.',
    });
  }
  const without = dataset.samples.filter(({ fold }) => fold === undefined);
  const problems = without.map(({ file }): Problem => ({ file, reason: 'left out: it has no fold' }));
  const groups = groupIndices(samples.map(({ group }) => group));
  const leaks = findLeaks(values, groups);
  const [first] = leaks;
  if (first !== undefined && !allowLeaks) {
    const { file } = samples[first.members[0]!]!;
    throw new DataError(
      `${root}: ${leaks.length} of ${groups.length} subjects stand in more than one fold, as that of ${file} in ` +
        `${first.splits.join(' and ')}, so the figures would be too good`,
      { hint: 'Name what the folds keep together with --group-by, or measure all the same with --allow-leaks.' },
    );
  }
  return {
    dataset: { ...dataset, samples, problems: [...dataset.problems, ...problems] },
    ...{ names, folds: values.map((value) => names.indexOf(value)), groups, leaks: leaks.length },
  };
}

/**
 * Draws folds at random, called 1 to `count`. They get equal numbers of each class as nearly as whole groups allow.
 * @param pairs indices of samples that belong together besides those of the same group, such as near copies
 * @param seed the same seed gives the same folds of the same data set
 * @throws {DataError} when a fold gets no picture
 */
export function drawFolds(
  dataset: Dataset,
  count: number,
  pairs: Iterable<readonly [number, number]>,
  seed: number,
): FoldedDataset {
  const strata = dataset.samples.map(({ label }) => label);
  const groups = groupIndices(dataset.samples.map(({ group }) => group), pairs);
  const folds = drawParts({ groups, strata, wanted: foldCounts(strata, count), seed });
  requireFolds(dataset.root, folds, count, groups.length);
  const names = Array.from({ length: count }, (_, index) => String(index + 1));
  return { dataset, names, folds, groups, leaks: 0 };
}

/**
 * The splits of one fold: it is the test, validation is drawn from the other folds without parting a group and with the
 * classes in proportion, and the rest is trained on.
 * @param fold from 0
 * @param valid share of all pictures to validate on
 * @throws {ConfigError} when that leaves nothing to train on
 * @throws {DataError} when there are too few groups
 */
export function splitOfFold(folded: FoldedDataset, fold: number, valid: number, seed: number): Dataset {
  const { dataset, folds, groups, names } = folded;
  const { root, samples } = dataset;
  const others = folds.flatMap((of, index) => (of === fold ? [] : [index]));
  const share = (valid * samples.length) / others.length;
  if (share >= 1) {
    throw new ConfigError(`valid: beside the test fold ${names[fold]!}, ${valid} of all pictures leaves none to train on`);
  }
  const fractions = { train: 1 - share, valid: share, test: 0 };
  const placeOf = new Map(others.map((index, place) => [index, place]));
  const places = groups.map((group) => group.flatMap((index) => placeOf.get(index) ?? [])).filter((group) => group.length > 0);
  const strata = others.map((index) => samples[index]!.label);
  const parts = drawParts({ groups: places, strata, wanted: splitCounts(strata, fractions), seed });
  requireParts(root, parts, places.length, fractions);
  const splits = samples.map((_, index) => (folds[index] === fold ? 'test' : SPLITS[parts[placeOf.get(index)!]!]!));
  return { ...dataset, samples: samples.map((sample, index) => ({ ...sample, split: splits[index]! })) };
}
