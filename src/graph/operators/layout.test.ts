import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { concatenate, expand, flatten, normaliseAxes, pad, reshape, transpose } from './index.js';

const six = floatTensor([1, 2, 3, 4, 5, 6], [2, 3]);

describe('reshape', () => {
  it('keeps the order of the elements; -1 follows from the others', async () => {
    expect(await compute([six], (x) => reshape(x, [3, -1]))).toEqual([1, 2, 3, 4, 5, 6]);
    const [x] = floatInputs([4, 6]);
    expect(reshape(x, [-1, 3, 2]).shape).toEqual([4, 3, 2]);
    expect(reshape(x, [-1]).shape).toEqual([24]);
  });

  it.each([{ shape: [5] }, { shape: [4, -1] }, { shape: [2, 4] }])('refuses $shape for six elements', ({ shape }) => {
    const [x] = floatInputs([2, 3]);
    expect(() => x.graph.scope('head', () => reshape(x, shape))).toThrow(
      `head/Reshape: cannot reshape [2, 3] to [${shape.join(', ')}]`,
    );
  });
});

describe('transpose', () => {
  it('moves axis order[i] to axis i', async () => {
    expect(await compute([six], (x) => transpose(x, [1, 0]))).toEqual([1, 4, 2, 5, 3, 6]);
    const cube = floatTensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);
    expect(await compute([cube], (x) => transpose(x, [2, 0, 1]))).toEqual([1, 4, 2, 5, 3, 6]);
    const [x] = floatInputs([2, 3, 5]);
    expect(transpose(x, [2, 0, 1]).shape).toEqual([5, 2, 3]);
  });

  it.each([{ order: [0] }, { order: [0, 0] }, { order: [0, 1, 2] }])('refuses order $order for two axes', ({ order }) => {
    const [x] = floatInputs([2, 3]);
    expect(() => transpose(x, order)).toThrow(`Transpose: order [${order.join(', ')}] does not permute [2, 3]`);
  });

  it('refuses an axis that is not there', () => {
    const [x] = floatInputs([2, 3]);
    expect(() => transpose(x, [0, 2])).toThrow('Transpose: there is no axis 2 among 2');
  });
});

describe('concatenate', () => {
  it('joins along any axis', async () => {
    const other = floatTensor([7, 8], [2, 1]);
    expect(await compute([six, other], (a, b) => concatenate([a, b, b], 1))).toEqual([1, 2, 3, 7, 7, 4, 5, 6, 8, 8]);
    expect(await compute([other, six], (a, b) => concatenate([a, b], -1))).toEqual([7, 1, 2, 3, 8, 4, 5, 6]);
    expect(await compute([six, six], (a, b) => concatenate([a, b], 0))).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  });

  it('refuses parts that differ along another axis or in their number of axes', () => {
    const [a, b, c] = floatInputs([2, 3], [1, 3], [3]);
    expect(() => a.graph.scope('join', () => concatenate([a, b], 1))).toThrow(
      'join/Concat: cannot join [2, 3] and [1, 3] along axis 1',
    );
    expect(() => concatenate([a, c], 0)).toThrow('cannot join [2, 3] and [3] along axis 0');
    expect(() => concatenate([a, b], 2)).toThrow('there is no axis 2 among 2');
  });
});

describe('flatten', () => {
  it('joins all axes but the first', async () => {
    expect(await compute([floatTensor([1, 2, 3, 4], [2, 1, 2, 1])], (x) => flatten(x))).toEqual([1, 2, 3, 4]);
    const [x] = floatInputs([2, 384, 16, 16]);
    expect(flatten(x).shape).toEqual([2, 98_304]);
  });
});

describe('pad', () => {
  it('adds zeros or a value at the starts, then the ends', async () => {
    expect(await compute([floatTensor([1, 2], [1, 2])], (x) => pad(x, [1, 0, 1, 2]))).toEqual([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0]);
    expect(await compute([floatTensor([1, 2], [2])], (x) => pad(x, [1, 2], -3))).toEqual([-3, 1, 2, -3, -3]);
  });

  it('crops by negative lengths', async () => {
    expect(await compute([six], (x) => pad(x, [0, -1, -1, 1]))).toEqual([2, 3, 0]);
  });

  it('refuses a wrong number of lengths and to crop everything', () => {
    const [x] = floatInputs([2, 3]);
    expect(() => x.graph.scope('border', () => pad(x, [1, 1]))).toThrow('border/Pad: Pad needs 4 lengths for [2, 3], got 2');
    expect(() => pad(x, [0, -2, 0, -1])).toThrow('Pad: pads [0, -2, 0, -1] leave nothing of [2, 3]');
  });
});

describe('expand', () => {
  it('repeats axes of length 1 and adds leading axes', async () => {
    expect(await compute([floatTensor([1, 2], [2, 1])], (x) => expand(x, [2, 3]))).toEqual([1, 1, 1, 2, 2, 2]);
    expect(await compute([floatTensor([1, 2], [2])], (x) => expand(x, [2, 2]))).toEqual([1, 2, 1, 2]);
  });

  it('refuses shapes that do not fit', () => {
    const [x] = floatInputs([2, 3]);
    expect(() => expand(x, [2, 4])).toThrow('Expand: shapes [2, 3] and [2, 4] cannot be broadcast');
  });
});

describe('normaliseAxes', () => {
  it('counts negative axes from the end and refuses axes that do not exist', () => {
    expect(normaliseAxes('', [-1, 0, -3], 3)).toEqual([2, 0, 0]);
    expect(() => normaliseAxes('mean', [3], 3)).toThrow('mean: there is no axis 3 among 3');
    expect(() => normaliseAxes('mean', [-4], 3)).toThrow('mean: there is no axis -4 among 3');
  });
});
