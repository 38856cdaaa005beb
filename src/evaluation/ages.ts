import { middleOfBand, parseBand } from '../data/bands.js';
import type { Sample } from '../data/sample.js';

/** How far expected ages are from the true ones. */
export interface AgeError {
  /** Mean absolute error in years. */
  readonly years: number;
  /** Pictures whose age is known. */
  readonly pictures: number;
}

/**
 * Mean absolute error of the expected age, which is the mean of the bands' middles weighted by their probabilities.
 * @param probabilities [N, classes], row-major
 * @returns undefined when no age is known, or a class is no age band
 */
export function ageErrorOf(
  samples: readonly Pick<Sample, 'age'>[],
  probabilities: Float32Array,
  classes: readonly string[],
): AgeError | undefined {
  const bands = classes.map(parseBand);
  let sum = 0;
  let pictures = 0;
  for (const [picture, { age }] of samples.entries()) {
    if (age === undefined) continue;
    let expected = 0;
    for (const [index, band] of bands.entries()) {
      if (band === undefined) return undefined;
      expected += probabilities[picture * bands.length + index]! * middleOfBand(band);
    }
    sum += Math.abs(expected - age);
    pictures += 1;
  }
  return pictures === 0 ? undefined : { years: sum / pictures, pictures };
}
