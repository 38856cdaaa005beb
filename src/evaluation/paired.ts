/** Whether one classifier does better than another on the same pictures, or only had luck with these: a paired bootstrap. */
import { PURPOSE, randomStream } from '../base/random.js';
import type { Headlines } from './headlines.js';
import { headlinesOf, tally } from './headlines.js';
import type { Interval } from './intervals.js';
import { quantile } from './intervals.js';

/** The difference of a figure, the second classifier's less the first's. */
export interface PairedDifference {
  readonly difference: number;
  /** From the 2.5th to the 97.5th percentile. */
  readonly interval: Interval;
  /**
   * Two-sided: twice the share of the draws on the far side of 0 (at 0 or beyond it), in which the draw that was made in
   * fact counts as one, and at most 1. The least possible value is 2 / (draws + 1).
   */
  readonly p: number;
}

/** Draws of a paired bootstrap. */
export const PAIRED_DRAWS = 10_000;

/**
 * Compares two classifiers on the same pictures (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, sections
 * 13.3 and 15.4: the achieved level of the percentile interval that just reaches 0). As many subjects as there are are
 * drawn again, each with all its pictures and with what both classifiers make of them: what is hard for both is in both
 * figures of a draw and falls out of their difference. The draws are the same each time.
 * @param first [N, classes], row-major
 * @param second [N, classes], of the same pictures
 * @param labels [N], indices of the true classes
 * @param groups indices of the pictures of each subject; every picture stands in one of them
 * @returns undefined when there are fewer than two subjects: nothing can be said then
 */
export function pairedDifferences(
  first: Float32Array,
  second: Float32Array,
  labels: Int32Array,
  groups: readonly (readonly number[])[],
  draws = PAIRED_DRAWS,
): Record<keyof Headlines, PairedDifference> | undefined {
  if (groups.length < 2) return undefined;
  const classes = first.length / labels.length;
  const tallies = groups.map((members) =>
    Float64Array.of(...tally(first, labels, members, classes), ...tally(second, labels, members, classes)),
  );
  const measured = differencesOf(sumOf(tallies, tallies.keys()));
  const random = randomStream(0, PURPOSE.bootstrap, 1);
  const drawn = Array.from({ length: draws }, () => {
    const members = Array.from({ length: groups.length }, () => random.integer(groups.length));
    return differencesOf(sumOf(tallies, members));
  });
  const names = Object.keys(measured) as (keyof Headlines)[];
  const results = names.map((name) => {
    const sorted = Float64Array.from(drawn, (figures) => figures[name]).sort();
    const interval = { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
    return [name, { difference: measured[name], interval, p: pValue(sorted) }] as const;
  });
  return Object.fromEntries(results) as Record<keyof Headlines, PairedDifference>;
}

function sumOf(tallies: readonly Float64Array[], members: Iterable<number>): Float64Array {
  const sum = new Float64Array(tallies[0]!.length);
  for (const member of members) {
    const values = tallies[member]!;
    for (let index = 0; index < sum.length; index++) sum[index]! += values[index]!;
  }
  return sum;
}

/** @param sums the tallies of the first classifier, and then those of the second */
function differencesOf(sums: Float64Array): Headlines {
  const first = headlinesOf(sums.subarray(0, sums.length / 2));
  const second = headlinesOf(sums.subarray(sums.length / 2));
  const entries = (Object.keys(first) as (keyof Headlines)[]).map((name) => [name, second[name] - first[name]] as const);
  return Object.fromEntries(entries) as unknown as Headlines;
}

function pValue(drawn: Float64Array): number {
  const below = drawn.filter((difference) => difference <= 0).length;
  const above = drawn.filter((difference) => difference >= 0).length;
  return Math.min(1, (2 * (Math.min(below, above) + 1)) / (drawn.length + 1));
}
