import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import { sumToShape } from './rule.js';

describe('sumToShape', () => {
  const gradient = floatTensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);

  it.each([
    { shape: [1, 2, 1], sums: [6, 15] },
    { shape: [2, 1], sums: [6, 15] },
    { shape: [3], sums: [5, 7, 9] },
    { shape: [1, 3], sums: [5, 7, 9] },
    { shape: [1], sums: [21] },
    { shape: [], sums: [21] },
    { shape: [2, 3], sums: [1, 2, 3, 4, 5, 6] },
  ])('sums over the axes along which $shape was stretched', async ({ shape, sums }) => {
    expect(await compute([gradient], (value) => sumToShape(value, shape))).toEqual(sums);
    const [value] = floatInputs([1, 2, 3]);
    expect(sumToShape(value, shape).shape).toEqual(shape);
  });

  it('leaves a gradient alone that has the shape already', () => {
    const [value] = floatInputs([2, 1]);
    expect(sumToShape(value, [2, 1])).toBe(value);
  });
});
