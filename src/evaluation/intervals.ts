/** How far figures could be off by the choice of the pictures: the percentile bootstrap (Efron & Tibshirani 1993). */
import { PURPOSE, randomStream } from '../base/random.js';
import type { Headlines } from './headlines.js';
import { headlinesOf, tally } from './headlines.js';

/** From the 2.5th to the 97.5th percentile. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/**
 * 95 % intervals of the headline figures. Whole groups are drawn again: pictures of one subject are alike, and drawn one
 * by one they would make the intervals too narrow.
 * @param probabilities [N, classes], row-major
 * @param labels [N], indices of the true classes
 * @param groups indices of the pictures of each subject; every picture stands in one of them
 * @returns undefined when there are fewer than two groups: nothing can be said then
 */
export function bootstrapIntervals(
  probabilities: Float32Array,
  labels: Int32Array,
  groups: readonly (readonly number[])[],
): Record<keyof Headlines, Interval> | undefined {
  const classes = probabilities.length / labels.length;
  const tallies = groups.map((members) => tally(probabilities, labels, members, classes));
  return bootstrap(tallies, headlinesOf);
}

/**
 * 95 % intervals of figures that follow from sums over groups, when as many groups as there are are drawn again.
 * @param tallies the sums of each group, all of one length
 * @param figuresOf the figures that follow from the sums of some groups
 * @returns undefined when there are fewer than two groups
 */
export function bootstrap<Figures extends { [Name in keyof Figures]: number }>(
  tallies: readonly Float64Array[],
  figuresOf: (sums: Float64Array) => Figures,
): Record<keyof Figures, Interval> | undefined {
  if (tallies.length < 2) return undefined;
  const random = randomStream(0, PURPOSE.bootstrap);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const sum = new Float64Array(tallies[0]!.length);
    for (let count = 0; count < tallies.length; count++) {
      const group = tallies[random.integer(tallies.length)]!;
      for (let index = 0; index < sum.length; index++) sum[index]! += group[index]!;
    }
    return figuresOf(sum);
  });
  const names = Object.keys(drawn[0]!) as (keyof Figures)[];
  const intervals = names.map((name) => {
    const sorted = drawn.map((figures) => figures[name]).sort((a, b) => a - b);
    return [name, { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }] as const;
  });
  return Object.fromEntries(intervals) as Record<keyof Figures, Interval>;
}

/** Linear between the values around it. */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
