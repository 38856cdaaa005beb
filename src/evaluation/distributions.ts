/** What the outputs of a network say of pictures: of classes, or of single years that the bands are sums of. */
import { probabilitiesOf } from './temperature.js';

/** What the logits of a network are logits of. */
export interface OutputScale {
  readonly classes: readonly string[];
  /** Of a network that tells single years: how much of each belongs to each class, [years, classes]. */
  readonly yearShares?: Float32Array;
}

/** Probabilities of N pictures. */
export interface Distributions {
  /** [N, classes], row-major. */
  readonly probabilities: Float32Array;
  /** [N, years], row-major, of a network that tells single years. */
  readonly years?: Float32Array;
}

/** How many logits there are for each picture. */
export function outputsOf({ classes, yearShares }: OutputScale): number {
  return yearShares === undefined ? classes.length : yearShares.length / classes.length;
}

/**
 * Probabilities from logits, which are divided by the temperature; bands are summed up after that.
 * @param logits [N, outputs], row-major
 */
export function distributionsOf(logits: Float32Array, scale: OutputScale, temperature = 1): Distributions {
  const { classes, yearShares } = scale;
  const outputs = outputsOf(scale);
  const values = probabilitiesOf(logits, outputs, temperature);
  if (yearShares === undefined) return { probabilities: values };
  const probabilities = new Float32Array((logits.length / outputs) * classes.length);
  values.forEach((value, index) => {
    const [picture, year] = [Math.floor(index / outputs), index % outputs];
    for (let band = 0; band < classes.length; band++) {
      probabilities[picture * classes.length + band]! += value * yearShares[year * classes.length + band]!;
    }
  });
  return { probabilities, years: values };
}

/** Some of the rows of a matrix, in their order. @param values [N, length], row-major @returns [rows, length] */
export function takeRows(values: Float32Array, rows: readonly number[], length: number): Float32Array {
  const taken = new Float32Array(rows.length * length);
  rows.forEach((row, place) => taken.set(values.subarray(row * length, (row + 1) * length), place * length));
  return taken;
}

/** What is said of some of the pictures. @param pictures how many there are in all */
export function takePictures({ probabilities, years }: Distributions, rows: readonly number[], pictures: number): Distributions {
  return {
    probabilities: takeRows(probabilities, rows, probabilities.length / pictures),
    ...(years && { years: takeRows(years, rows, years.length / pictures) }),
  };
}
