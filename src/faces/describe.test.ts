import { expect, it } from 'vitest';
import { sharpnessOf } from './describe.js';

const planes = (levels: readonly number[]): Float32Array => Float32Array.from([...levels, ...levels, ...levels]);

it('sharpness is 0 without edges', () => {
  expect(sharpnessOf(planes(Array<number>(16).fill(90)), 4)).toBe(0);
  const ramp = Array.from({ length: 16 }, (_, pixel) => 10 * (pixel % 4));
  expect(sharpnessOf(planes(ramp), 4)).toBe(0);
});

it('sharpness is the standard deviation of the Laplacian', () => {
  // Inside 4 × 4 there are four pixels; a spot of 8 on one of them has the Laplacians -32, 8, 8 and 0.
  const spot = Array<number>(16).fill(0).with(5, 8);
  const values = [-32, 8, 8, 0];
  const mean = values.reduce((a, b) => a + b) / 4;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4;
  expect(sharpnessOf(planes(spot), 4)).toBeCloseTo(Math.sqrt(variance), 6);
});
