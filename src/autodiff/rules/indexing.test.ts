import { describe, expect, it } from 'vitest';
import { differentiate, expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { multiply, reduceSum, reverse, slice } from '../../graph/operators/index.js';

describe('gradients of Slice', () => {
  it.each([
    { start: 1, end: 4 },
    { start: 0, end: 7 },
    { start: -3, end: -1 },
    { start: -20, end: 3 },
    { start: 2, end: 100 },
    { start: 0, end: 7, step: 2 },
    { start: 1, end: 7, step: 2 },
    { start: 2, end: 6, step: 3 },
    { start: 0, end: 7, step: 10 },
    { start: 6, end: -Infinity, step: -1 },
    { start: 5, end: 1, step: -1 },
    { start: 5, end: 0, step: -2 },
    { start: 100, end: -Infinity, step: -3 },
    { start: -2, end: -6, step: -2 },
  ])('$start:$end:$step of an axis of seven, at either end', async (range) => {
    await expectGradients([randomTensor([7, 2], 1)], (x) => slice(x, [{ axis: 0, ...range }]));
    await expectGradients([randomTensor([2, 7], 1)], (x) => slice(x, [{ axis: -1, ...range }]));
  });

  it('of several axes', async () => {
    await expectGradients([randomTensor([3, 4, 5], 1)], (x) =>
      slice(x, [
        { axis: 2, start: 4, end: -Infinity, step: -2 },
        { axis: 0, start: 1, end: 3 },
        { axis: -2, start: 0, end: 4, step: 3 },
      ]),
    );
  });

  it('put each gradient back to where its element was', async () => {
    const weights = floatTensor([10, 20, 30], [3]);
    const [dx] = await differentiate([randomTensor([6], 1)], (x) =>
      reduceSum(multiply(slice(x, [{ axis: 0, start: 5, end: 0, step: -2 }]), x.graph.constant(weights))),
    );
    expect(dx).toEqual([0, 30, 0, 20, 0, 10]);
  });

  it('of reversed axes', async () => {
    await expectGradients([randomTensor([2, 3, 2], 1)], (x) => reverse(x, [0, 2]));
  });
});
