/** How far figures could be off by the choice of the pictures: the percentile bootstrap (Efron & Tibshirani 1993). */
import { PURPOSE, randomStream } from '../base/random.js';
import { likeliest, LEAST_PROBABILITY } from './metrics.js';
import type { Metrics } from './metrics.js';

/** The figures that have an interval. */
export const HEADLINES = ['loss', 'accuracy', 'oneOff', 'balancedAccuracy', 'meanClassError'] as const;
export type Headline = (typeof HEADLINES)[number];

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
): Record<Headline, Interval> | undefined {
  if (groups.length < 2) return undefined;
  const classes = probabilities.length / labels.length;
  const tallies = groups.map((members) => tally(probabilities, labels, members, classes));
  const random = randomStream(0, PURPOSE.bootstrap);
  const drawn = Array.from({ length: RESAMPLES }, () => {
    const sum = new Float64Array(tallies[0]!.length);
    for (let count = 0; count < groups.length; count++) {
      const group = tallies[random.integer(groups.length)]!;
      for (let index = 0; index < sum.length; index++) sum[index]! += group[index]!;
    }
    return headlinesOf(sum, classes);
  });
  const intervals = HEADLINES.map((name) => {
    const sorted = drawn.map((figures) => figures[name]).sort((a, b) => a - b);
    return [name, { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }] as const;
  });
  return Object.fromEntries(intervals) as Record<Headline, Interval>;
}

/** Where a tally holds what; after these come the pictures of each class, and then those of them that are right. */
const [PICTURES, LOSS, EXACT, ONE_OFF, DISTANCE, SUPPORT] = [0, 1, 2, 3, 4, 5] as const;

/** Sums over some pictures from which the figures follow; tallies of several groups can be added. */
function tally(probabilities: Float32Array, labels: Int32Array, members: readonly number[], classes: number): Float64Array {
  const sums = new Float64Array(SUPPORT + 2 * classes);
  for (const picture of members) {
    const row = probabilities.subarray(picture * classes, (picture + 1) * classes);
    const label = labels[picture]!;
    const distance = Math.abs(likeliest(row) - label);
    sums[PICTURES]! += 1;
    sums[LOSS]! -= Math.log(Math.max(row[label]!, LEAST_PROBABILITY));
    sums[EXACT]! += distance === 0 ? 1 : 0;
    sums[ONE_OFF]! += distance <= 1 ? 1 : 0;
    sums[DISTANCE]! += distance;
    sums[SUPPORT + label]! += 1;
    sums[SUPPORT + classes + label]! += distance === 0 ? 1 : 0;
  }
  return sums;
}

function headlinesOf(sums: Float64Array, classes: number): Pick<Metrics, Headline> {
  const pictures = sums[PICTURES]!;
  let recalls = 0;
  let occurring = 0;
  for (let label = 0; label < classes; label++) {
    const support = sums[SUPPORT + label]!;
    if (support === 0) continue;
    occurring += 1;
    recalls += sums[SUPPORT + classes + label]! / support;
  }
  return {
    loss: sums[LOSS]! / pictures,
    accuracy: sums[EXACT]! / pictures,
    oneOff: sums[ONE_OFF]! / pictures,
    balancedAccuracy: recalls / occurring,
    meanClassError: sums[DISTANCE]! / pictures,
  };
}

/** Linear between the values around it. */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
