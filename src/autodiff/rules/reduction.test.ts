import { describe, expect, it } from 'vitest';
import { differentiate, distinctTensor, expectGradients } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { reduceMax, reduceMean, reduceSum, reduceSumSquare } from '../../graph/operators/index.js';

describe('gradients of reductions', () => {
  const operators = { reduceSum, reduceMean, reduceMax, reduceSumSquare };
  const options = [
    {},
    { keepAxes: true },
    ...[[0], [1], [-1], [0, 2], [-2, 0]].flatMap((axes) => [{ axes }, { axes, keepAxes: true }]),
  ];
  const cases = Object.entries(operators).flatMap(([name, operator]) => options.map((option) => ({ name, operator, option })));
  it.each(cases)('$name with $option', async ({ operator, option }) => {
    await expectGradients([distinctTensor([2, 3, 2], 1)], (x) => operator(x, option));
  });

  it.each(Object.entries(operators))('%s over an axis of length 1', async (_, operator) => {
    await expectGradients([distinctTensor([3, 1], 1)], (x) => operator(x, { axes: [1] }));
  });

  it('are shared by equal maxima', async () => {
    const x = floatTensor([3, 1, 3, 0, 2, 1], [2, 3]);
    expect(await differentiate([x], (value) => reduceSum(reduceMax(value, { axes: [1] })))).toEqual([[0.5, 0, 0.5, 0, 1, 0]]);
  });
});
