import { expect, it } from 'vitest';
import { gathered, rowMajorSteps } from './strides.js';

it('gathered takes elements in the order of other axes', () => {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5);
  expect(gathered(values, [3, 2], [1, 3])).toEqual(Float32Array.of(0, 3, 1, 4, 2, 5));
  expect(gathered(values, [2, 1, 2], [3, 9, 2])).toEqual(Float32Array.of(0, 2, 3, 5));
  expect(gathered(values, [3], [2])).toEqual(Float32Array.of(0, 2, 4));
  expect(gathered(values, [3, 0], [1, 1])).toEqual(new Float32Array());
});

it('rowMajorSteps are products of the lengths that follow', () => {
  expect(rowMajorSteps([2, 3, 4])).toEqual([12, 4, 1]);
  expect(rowMajorSteps([])).toEqual([]);
});
