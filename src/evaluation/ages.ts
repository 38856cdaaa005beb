import { estimateAge } from '../base/expected-age.js';
import { spansOfClasses } from '../data/bands.js';
import type { Sample } from '../data/sample.js';
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
}

/**
 * Mean absolute error of the expected age, which is the mean of the bands' middles weighted by their probabilities.
 * @param probabilities [N, classes], row-major
 * @param groups indices of the pictures of each subject
 * @returns undefined when no age is known, or a class is no age band
 */
export function ageErrorOf(
  samples: readonly Pick<Sample, 'age'>[],
  probabilities: Float32Array,
  classes: readonly string[],
  groups: readonly (readonly number[])[],
): AgeError | undefined {
  const spans = spansOfClasses(classes);
  if (spans === undefined) return undefined;
  const errorOf = (picture: number, age: number): number => {
    const row = probabilities.subarray(picture * spans.length, (picture + 1) * spans.length);
    return Math.abs(estimateAge(row, spans).expected - age);
  };
  // Of each subject, the sum of the errors and the number of pictures whose age is known.
  const tallies = groups.flatMap((members) => {
    const errors = members.flatMap((picture) => {
      const { age } = samples[picture]!;
      return age === undefined ? [] : [errorOf(picture, age)];
    });
    return errors.length === 0 ? [] : [Float64Array.of(errors.reduce((sum, error) => sum + error, 0), errors.length)];
  });
  if (tallies.length === 0) return undefined;
  const yearsOf = ([sum, pictures]: Float64Array): { years: number } => ({ years: sum! / pictures! });
  const total = Float64Array.of(...[0, 1].map((index) => tallies.reduce((sum, values) => sum + values[index]!, 0)));
  return { ...yearsOf(total), pictures: total[1]!, interval: bootstrap(tallies, yearsOf)?.years ?? null };
}
