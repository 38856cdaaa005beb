import { expect, it } from 'vitest';
import { distributionsOf, outputsOf, takePictures } from './distributions.js';

const classes = ['0-1', '3+'];
const expectClose = (values: Float32Array, expected: readonly number[]): void => {
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(values[index]).toBeCloseTo(value, 6));
};

it('makes probabilities of the logits of classes, with their offsets and temperature', () => {
  const scale = { classes, years: 0 };
  expect(outputsOf(scale)).toBe(2);
  const logits = Float32Array.of(...[Math.log(3), 0], ...[0, 0]);
  expectClose(distributionsOf(logits, scale).probabilities, [0.75, 0.25, 0.5, 0.5]);
  // Odds of 3 and 1 become 3 and 3 by the offset, and 1 and 3; at temperature 1/2 these are squared.
  const calibration = { offsets: [0, Math.log(3)], temperature: 0.5 };
  const { probabilities, years } = distributionsOf(logits, scale, calibration);
  expectClose(probabilities, [0.5, 0.5, 0.1, 0.9]);
  expect(years).toBeUndefined();
});

it('makes probabilities of the logits of years, with the same temperature', () => {
  const scale = { classes, years: 3 };
  expect(outputsOf(scale)).toBe(5);
  const logits = Float32Array.of(...[Math.log(9), 0], ...[Math.log(4), Math.log(16), 0], ...[0, 0], ...[0, 0, 0]);
  // At temperature 2 the odds 9 and 1 become 3 and 1, and 4, 16 and 1 become 2, 4 and 1.
  const { probabilities, years } = distributionsOf(logits, scale, { temperature: 2 });
  expectClose(probabilities, [0.75, 0.25, 0.5, 0.5]);
  expectClose(years!, [2 / 7, 4 / 7, 1 / 7, 1 / 3, 1 / 3, 1 / 3]);
});

it('takes some of the pictures', () => {
  const distributions = { probabilities: Float32Array.of(1, 2, 3, 4), years: Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect(takePictures(distributions, [1], 2)).toEqual({ probabilities: Float32Array.of(3, 4), years: Float32Array.of(4, 5, 6) });
});
