/** The pictures that figures of bands are made of. */
import { countsForBands, spansOfClasses } from '../data/bands.js';
import type { Sample } from '../data/sample.js';
import type { Distributions } from './distributions.js';
import { takeRows } from './distributions.js';

/** Which pictures have a class: all but those whose age is known to lie between two bands. */
export function classifiedRows(samples: readonly Pick<Sample, 'age'>[], classes: readonly string[]): number[] {
  const spans = spansOfClasses(classes);
  return [...samples.keys()].filter((row) => countsForBands(samples[row]!.age, spans));
}

/** Those pictures, and what is said of them. */
export function bandPictures<Known extends Pick<Sample, 'age' | 'label'>>(
  samples: readonly Known[],
  { probabilities }: Distributions,
  classes: readonly string[],
): { members: readonly Known[]; labels: Int32Array; probabilities: Float32Array } {
  const rows = classifiedRows(samples, classes);
  const members = rows.map((row) => samples[row]!);
  return {
    members,
    labels: Int32Array.from(members, ({ label }) => label),
    probabilities: takeRows(probabilities, rows, classes.length),
  };
}
