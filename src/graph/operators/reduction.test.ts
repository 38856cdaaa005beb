import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { reduceMax, reduceMean, reduceSum, reduceSumSquare } from './index.js';

const six = floatTensor([1, 2, 3, 4, 5, -6], [2, 3]);

describe('reductions', () => {
  it.each([
    { operator: reduceSum, title: 'reduceSum', all: 9, rows: [6, 3], columns: [5, 7, -3] },
    { operator: reduceMean, title: 'reduceMean', all: 1.5, rows: [2, 1], columns: [2.5, 3.5, -1.5] },
    { operator: reduceMax, title: 'reduceMax', all: 5, rows: [3, 5], columns: [4, 5, 3] },
    { operator: reduceSumSquare, title: 'reduceSumSquare', all: 91, rows: [14, 77], columns: [17, 29, 45] },
  ])('$title: over all axes, the last and the first', async ({ operator, all, rows, columns }) => {
    expect(await compute([six], (x) => operator(x))).toEqual([all]);
    expect(await compute([six], (x) => operator(x, { axes: [-1] }))).toEqual(rows);
    expect(await compute([six], (x) => operator(x, { axes: [0], keepAxes: true }))).toEqual(columns);
  });

  it('drop the axes, or keep them at length 1', () => {
    const [x] = floatInputs([2, 3, 4]);
    expect(reduceSum(x).shape).toEqual([]);
    expect(reduceSum(x, { keepAxes: true }).shape).toEqual([1, 1, 1]);
    expect(reduceSum(x, { axes: [0, -1] }).shape).toEqual([3]);
    expect(reduceSum(x, { axes: [1], keepAxes: true }).shape).toEqual([2, 1, 4]);
  });

  it('refuse axes that do not exist', () => {
    const [x] = floatInputs([2, 3]);
    expect(() => x.graph.scope('loss', () => reduceMean(x, { axes: [2] }))).toThrow('loss/ReduceMean: there is no axis 2 among 2');
  });
});
