import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { averagePool, globalAveragePool, maxPool } from './index.js';

const four = floatTensor([1, 2, 3, 4], [1, 1, 2, 2]);
const sixteen = floatTensor([1, 8, 2, 3, 4, 0, 6, 5, 9, 7, 10, 12, 11, 13, 15, 14], [1, 1, 4, 4]);

describe('maxPool', () => {
  it('takes the maxima of windows that overlap, touch or leave a column over', async () => {
    expect(await compute([sixteen], (x) => maxPool(x, { kernel: [2, 2], strides: [2, 2] }))).toEqual([8, 6, 13, 15]);
    expect(await compute([sixteen], (x) => maxPool(x, { kernel: [3, 3] }))).toEqual([10, 12, 15, 15]);
    expect(await compute([sixteen], (x) => maxPool(x, { kernel: [2, 3], strides: [2, 2] }))).toEqual([8, 15]);
  });

  it('never takes padding, and spreads by the dilation', async () => {
    const negative = floatTensor([-1, -2, -3, -4], [1, 1, 2, 2]);
    const options = { kernel: [2, 2], pads: [1, 1, 0, 0] } as const;
    expect(await compute([negative], (x) => maxPool(x, options))).toEqual([-1, -1, -1, -1]);
    expect(await compute([sixteen], (x) => maxPool(x, { kernel: [2, 2], dilations: [3, 2] }))).toEqual([15, 14]);
  });

  it('gives the flat positions in the whole input as second output', async () => {
    const batch = floatTensor([1, 2, 4, 3, 8, 7, 5, 6], [2, 1, 2, 2]);
    const positions = compute([batch], (x) => x.graph.apply('MaxPool', [x], { kernel_shape: [2, 2] })[1]!);
    expect(await positions).toEqual([2, 4]);
  });
});

describe('averagePool', () => {
  const options = { kernel: [2, 2], pads: [1, 1, 0, 0] } as const;

  it('leaves padding out of the mean, or counts it as zeros', async () => {
    expect(await compute([four], (x) => averagePool(x, options))).toEqual([1, 1.5, 2, 2.5]);
    expect(await compute([four], (x) => averagePool(x, { ...options, countPadding: true }))).toEqual([0.25, 0.75, 1, 2.5]);
  });

  it('moves by the stride', async () => {
    expect(await compute([sixteen], (x) => averagePool(x, { kernel: [1, 2], strides: [3, 2] }))).toEqual([4.5, 2.5, 12, 14.5]);
  });
});

describe('globalAveragePool', () => {
  it('takes the mean of each channel', async () => {
    const x = floatTensor([1, 2, 3, 4, 10, 20, 30, 40], [1, 2, 2, 2]);
    expect(await compute([x], (value) => globalAveragePool(value))).toEqual([2.5, 25]);
  });
});

describe('shapes of pools', () => {
  it.each([
    { x: [2, 96, 221, 221], options: { kernel: [3, 3], strides: [2, 2] } as const, y: [2, 96, 110, 110] },
    { x: [2, 96, 56, 56], options: { kernel: [3, 3], strides: [2, 2] } as const, y: [2, 96, 27, 27] },
    { x: [1, 1, 8, 9], options: { kernel: [2, 3], pads: [1, 0, 0, 2], dilations: [3, 2] } as const, y: [1, 1, 6, 7] },
  ])('$x', ({ x, options, y }) => {
    const [picture] = floatInputs(x);
    expect(maxPool(picture, options).shape).toEqual(y);
    expect(averagePool(picture, options).shape).toEqual(y);
  });

  it('names the scope when the window is larger than the picture, or there is no picture', () => {
    const [small, matrix] = floatInputs([1, 8, 2, 2], [8, 2]);
    expect(() => small.graph.scope('pool2', () => maxPool(small, { kernel: [3, 3] }))).toThrow(
      'pool2/MaxPool: a window of 3×3 does not fit into a picture of 2×2',
    );
    expect(() => averagePool(matrix, { kernel: [2, 2] })).toThrow(
      'AveragePool: AveragePool needs a picture [N, C, H, W], got [8, 2]',
    );
  });
});
