import { AGE_BANDS } from '../../src/data/bands.js';
import { bootstrap } from '../../src/evaluation/intervals.js';
import type { Interval } from '../../src/evaluation/intervals.js';
import type { Estimate } from './estimator.js';

/** A picture, what is known of it, and what a peer says. */
export interface Judged {
  /** Years. */
  readonly age: number;
  /** Index of the true band; undefined for an age between two bands. */
  readonly band: number | undefined;
  /** Undefined when no face was found. */
  readonly estimate: Estimate | undefined;
}

/** Shares of 0..1, but for the error. A face that is not found counts as a wrong band. */
export interface Scores {
  /** Share of the pictures in which a face was found. */
  found: number;
  /** Mean absolute error in years, of the faces that were found. */
  error: number;
  exact: number;
  /** The right band or a neighbour of it. */
  oneOff: number;
  /** Mean recall of the bands that occur. */
  balanced: number;
}

/** Where a tally holds what; after these come the pictures of each band, and then those of them that are right. */
const [PICTURES, FOUND, YEARS, ONE_OFF, SUPPORT] = [0, 1, 2, 3, 4] as const;
const BANDS = AGE_BANDS.length;
/** With fewer groups, some drawings hold nothing that a score could be computed of. */
const LEAST_GROUPS = 20;

function tally(judged: readonly Judged[]): Float64Array {
  const sums = new Float64Array(SUPPORT + 2 * BANDS);
  for (const { age, band, estimate } of judged) {
    sums[PICTURES]! += 1;
    sums[FOUND]! += Number(estimate !== undefined);
    sums[YEARS]! += estimate === undefined ? 0 : Math.abs(estimate.age - age);
    if (band === undefined) continue;
    const distance = estimate === undefined ? Infinity : Math.abs(estimate.band - band);
    sums[ONE_OFF]! += Number(distance <= 1);
    sums[SUPPORT + band]! += 1;
    sums[SUPPORT + BANDS + band]! += Number(distance === 0);
  }
  return sums;
}

function scoresOfTally(sums: Float64Array): Scores {
  const support = sums.subarray(SUPPORT, SUPPORT + BANDS);
  const right = sums.subarray(SUPPORT + BANDS);
  const banded = support.reduce((sum, count) => sum + count, 0);
  const recalls = Array.from(support, (count, band) => right[band]! / count).filter((recall) => !Number.isNaN(recall));
  return {
    found: sums[FOUND]! / sums[PICTURES]!,
    error: sums[YEARS]! / sums[FOUND]!,
    exact: right.reduce((sum, count) => sum + count, 0) / banded,
    oneOff: sums[ONE_OFF]! / banded,
    balanced: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
  };
}

/**
 * Scores with their 95 % intervals (bootstrap over groups), which are undefined for fewer than twenty groups.
 * @param groups indices of the pictures that belong together
 */
export function scoresOf(
  judged: readonly Judged[],
  groups: readonly (readonly number[])[],
): { scores: Scores; intervals: Record<keyof Scores, Interval> | undefined } {
  const tallies = groups.map((members) => tally(members.map((index) => judged[index]!)));
  const intervals = tallies.length < LEAST_GROUPS ? undefined : bootstrap(tallies, scoresOfTally);
  return { scores: scoresOfTally(tally(judged)), intervals };
}
