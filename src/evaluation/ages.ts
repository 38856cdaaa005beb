import type { AgeEstimate, AgeSpan } from '../base/expected-age.js';
import { estimateAge, estimateAgeOfYears } from '../base/expected-age.js';
import { spansOfClasses } from '../data/bands.js';
import { groupIndices } from '../data/groups.js';
import type { Sample } from '../data/sample.js';
import type { Distributions } from './distributions.js';
import type { Interval } from './intervals.js';
import { bootstrap } from './intervals.js';

/** How far expected ages are from the true ones. */
export interface AgeError {
  /** Mean absolute error in years. */
  readonly years: number;
  /** Pictures whose age is known. */
  readonly pictures: number;
  /** 95 %, of the mean error in years; null when all these pictures are of one subject. */
  readonly interval: Interval | null;
  /**
   * Of a network that tells single years: the share of the true ages, in completed years, that lie from the 10th to the 90th
   * percentile of what it says. 0.8 or a little more, since years are whole, is right. Null for other networks.
   */
  readonly withinPercentiles: number | null;
}

/**
 * Mean absolute error of the expected age: the mean of the years or, where there are none, of the bands' middles, weighted
 * by their probabilities.
 * @param samples [N]
 * @returns undefined when no age is known, or a class is no age band
 */
export function ageErrorOf(
  samples: readonly Pick<Sample, 'age' | 'group'>[],
  distributions: Distributions,
  classes: readonly string[],
): AgeError | undefined {
  const spans = spansOfClasses(classes);
  if (spans === undefined) return undefined;
  const rows = [...samples.keys()].filter((row) => samples[row]!.age !== undefined);
  if (rows.length === 0) return undefined;
  const errors = rows.map((row) => {
    const { expected, from, to } = estimateOf(distributions, row, samples.length, spans);
    const age = samples[row]!.age!;
    const year = Math.floor(age);
    return { years: Math.abs(expected - age), isWithin: year >= from && year <= (to ?? Infinity) };
  });
  // Of each subject, the sum of the errors and the number of pictures.
  const tallies = groupIndices(rows.map((row) => samples[row]!.group)).map((members) =>
    Float64Array.of(members.reduce((sum, member) => sum + errors[member]!.years, 0), members.length),
  );
  const yearsOf = ([sum, pictures]: Float64Array): { years: number } => ({ years: sum! / pictures! });
  const total = Float64Array.of(errors.reduce((sum, { years }) => sum + years, 0), errors.length);
  const within = errors.filter(({ isWithin }) => isWithin).length / errors.length;
  return {
    ...{ ...yearsOf(total), pictures: errors.length, interval: bootstrap(tallies, yearsOf)?.years ?? null },
    withinPercentiles: distributions.years === undefined ? null : within,
  };
}

function estimateOf(
  { probabilities, years }: Distributions,
  row: number,
  pictures: number,
  spans: readonly AgeSpan[],
): AgeEstimate {
  const rowOf = (values: Float32Array): Float32Array => {
    const length = values.length / pictures;
    return values.subarray(row * length, (row + 1) * length);
  };
  return years === undefined ? estimateAge(rowOf(probabilities), spans) : estimateAgeOfYears(rowOf(years));
}
