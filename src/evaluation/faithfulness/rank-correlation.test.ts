import { expect, it } from 'vitest';
import { rankCorrelation } from './rank-correlation.js';

const of = (first: number[], second: number[]) => rankCorrelation(Float32Array.from(first), Float32Array.from(second));

it('is 1 for the same order, -1 for the reverse, whatever the numbers', () => {
  expect(of([1, 2, 30], [0.1, 0.2, 0.3])).toBeCloseTo(1, 12);
  expect(of([1, 2, 30], [-1, -2, -3])).toBeCloseTo(-1, 12);
});

it('is 1 - 6 Σd² / (n (n² - 1)) without ties', () => {
  // Ranks 1 2 3 4 5 and 2 1 4 3 5: d² sums to 4.
  expect(of([1, 2, 3, 4, 5], [20, 10, 40, 30, 50])).toBeCloseTo(1 - (6 * 4) / (5 * 24), 12);
});

it('gives equal numbers the mean of their ranks', () => {
  // Ranks 1.5 1.5 3 and 1 2 3, less 2: (0.5 + 0 + 1) / sqrt(1.5 · 2).
  expect(of([7, 7, 9], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 12);
});

it('is not defined for numbers that are all the same', () => {
  expect(of([1, 1, 1], [1, 2, 3])).toBeNull();
});
