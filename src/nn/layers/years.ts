import { floatTensor } from '../../base/tensor.js';
import { add, logarithm, matrixProduct, softmax } from '../../graph/operators/index.js';
import type { Value } from '../../graph/graph.js';
import type { Layer } from '../layer.js';

/** First and last year of a band, both included. */
export type YearRange = readonly [first: number, last: number];

/** Keeps the logarithm of a band finite that no year speaks for. */
const LEAST_PROBABILITY = 1e-8;

/**
 * Turns logits of single years into logits of bands: [N, years] → [N, bands]. Year k of the input is the age of k years.
 * The probability of a band is the sum over the years that are nearest to it; a year as near to two counts half for each.
 * The logits are the logarithms, so that their softmax gives the probabilities back.
 * @param ranges from young to old
 */
export function bandsOfYearsLayer(name: string, ranges: readonly YearRange[]): Layer {
  return {
    name,
    kind: 'BandsOfYears',
    description: { kind: 'BandsOfYears', name, ranges: ranges.map(([first, last]) => [first, last] as const) },
    apply(x) {
      return logarithm(add(bandsOfYears(softmax(x), ranges), LEAST_PROBABILITY));
    },
  };
}

/** Probabilities of bands from those of single years: [N, years] → [N, bands]. */
export function bandsOfYears(years: Value, ranges: readonly YearRange[]): Value {
  const shares = floatTensor(yearShares(ranges, years.shape[1]!), [years.shape[1]!, ranges.length]);
  return matrixProduct(years, years.graph.constant(shares));
}

/** How much of each year belongs to each band: [years, bands], each row summing to 1. */
export function yearShares(ranges: readonly YearRange[], years: number): Float32Array {
  const shares = new Float32Array(years * ranges.length);
  for (let year = 0; year < years; year++) {
    const distances = ranges.map(([first, last]) => Math.max(first - year, year - last, 0));
    const least = Math.min(...distances);
    const nearest = distances.filter((distance) => distance === least).length;
    distances.forEach((distance, band) => {
      if (distance === least) shares[year * ranges.length + band] = 1 / nearest;
    });
  }
  return shares;
}
