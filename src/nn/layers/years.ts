import { floatTensor } from '../../base/tensor.js';
import { add, logarithm, matrixProduct, softmax } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';

/** First and last year of a band, both included. */
export type YearRange = readonly [first: number, last: number];

/** Keeps the logarithm of a band finite that no year speaks for. */
const LEAST_PROBABILITY = 1e-8;

/**
 * Turns logits of single years into logits of bands: [N, years] → [N, bands]. Year k of the input is the age of k years. The
 * logits are the logarithms of the sums over the years of the bands, so that their softmax tells how probable each band is for
 * somebody who is in one of them: years between two bands count for none.
 * @param ranges from young to old
 */
export function bandsOfYearsLayer(name: string, ranges: readonly YearRange[]): Layer {
  return {
    name,
    kind: 'BandsOfYears',
    description: { kind: 'BandsOfYears', name, ranges: ranges.map(([first, last]) => [first, last] as const) },
    apply(x) {
      const membership = x.graph.constant(floatTensor(yearMembership(ranges, x.shape[1]!), [x.shape[1]!, ranges.length]));
      return logarithm(add(matrixProduct(softmax(x), membership), LEAST_PROBABILITY));
    },
  };
}

/** Whether a year belongs to a band, 1 or 0: [years, bands]. */
export function yearMembership(ranges: readonly YearRange[], years: number): Float32Array {
  return Float32Array.from({ length: years * ranges.length }, (_, index) => {
    const [first, last] = ranges[index % ranges.length]!;
    const year = Math.floor(index / ranges.length);
    return year >= first && year <= last ? 1 : 0;
  });
}
