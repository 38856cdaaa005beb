import { expect, it } from 'vitest';
import { distributionsOf, outputsOf, takePictures } from './distributions.js';

const classes = ['0-1', '3+'];
// The second year is as near to both bands.
const yearShares = Float32Array.of(...[1, 0], ...[0.5, 0.5], ...[0, 1]);
const logits = Float32Array.of(...[Math.log(4), Math.log(16), 0], ...[0, 0, 0]);

it('makes probabilities of the logits of classes', () => {
  expect(outputsOf({ classes })).toBe(2);
  expect(distributionsOf(Float32Array.of(Math.log(3), 0), { classes })).toEqual({ probabilities: Float32Array.of(0.75, 0.25) });
});

it('sums bands up after the years were divided by the temperature', () => {
  const scale = { classes, yearShares };
  expect(outputsOf(scale)).toBe(3);
  // At temperature 2 the odds 4, 16 and 1 become 2, 4 and 1.
  const { probabilities, years } = distributionsOf(logits, scale, 2);
  [2 / 7, 4 / 7, 1 / 7, 1 / 3, 1 / 3, 1 / 3].forEach((value, index) => expect(years![index]).toBeCloseTo(value, 6));
  [4 / 7, 3 / 7, 0.5, 0.5].forEach((value, index) => expect(probabilities[index]).toBeCloseTo(value, 6));
});

it('takes some of the pictures', () => {
  const distributions = { probabilities: Float32Array.of(1, 2, 3, 4), years: Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect(takePictures(distributions, [1], 2)).toEqual({ probabilities: Float32Array.of(3, 4), years: Float32Array.of(4, 5, 6) });
});
