import { describe, expect, it } from 'vitest';
import { differentiate, distinctTensor, expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from '../../graph/capabilities.js';
import type { PoolingOptions } from '../../graph/operators/index.js';
import { averagePool, globalAveragePool, maxPool, multiply, reduceSum } from '../../graph/operators/index.js';

interface Case {
  readonly title: string;
  readonly x: readonly number[];
  readonly options: PoolingOptions;
}

const cases: Case[] = [
  { title: 'windows that touch', x: [2, 2, 4, 6], options: { kernel: [2, 3], strides: [2, 3] } },
  { title: 'windows that overlap', x: [2, 2, 5, 5], options: { kernel: [3, 3], strides: [2, 2] } },
  { title: 'windows at every pixel', x: [1, 2, 4, 5], options: { kernel: [3, 2] } },
  { title: 'windows apart from each other', x: [1, 1, 7, 7], options: { kernel: [2, 1], strides: [3, 2] } },
  { title: 'rows and columns left over', x: [1, 2, 6, 8], options: { kernel: [3, 3], strides: [2, 3] } },
  { title: 'padding', x: [1, 2, 5, 4], options: { kernel: [3, 3], strides: [2, 2], pads: [1, 2, 0, 1] } },
  { title: 'dilation', x: [1, 2, 6, 7], options: { kernel: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2] } },
  {
    title: 'stride, padding and dilation',
    x: [2, 1, 7, 6],
    options: { kernel: [3, 2], strides: [2, 3], dilations: [2, 1], pads: [2, 0, 1, 1] },
  },
  { title: 'one window over everything', x: [2, 2, 3, 4], options: { kernel: [3, 4] } },
];

describe('gradients of MaxPool', () => {
  it.each(cases)('$title', async ({ x, options }) => {
    await expectGradients([distinctTensor(x, 1)], (value) => maxPool(value, options));
  });

  it.each(cases)('$title, where positions are not told', async ({ x, options }) => {
    await expectGradients([distinctTensor(x, 1)], (value) => maxPool(value, options), COMMON_CAPABILITIES);
  });

  it.each([PROCESSOR_CAPABILITIES, COMMON_CAPABILITIES])('go to the first of equal maxima, row by row', async (capabilities) => {
    const x = floatTensor([1, 5, 5, 5, 1, 5, 2, 2, 2], [1, 1, 3, 3]);
    const weights = floatTensor([1, 10, 100, 1000], [1, 1, 2, 2]);
    const [dx] = await differentiate(
      [x],
      (value) => reduceSum(multiply(maxPool(value, { kernel: [2, 2] }), value.graph.constant(weights))),
      capabilities,
    );
    // Windows from the top left: {1 5 / 5 1}, {5 5 / 1 5}, {5 1 / 2 2}, {1 5 / 2 2}.
    expect(dx).toEqual([0, 11, 0, 100, 0, 1000, 0, 0, 0]);
  });

  it.each([PROCESSOR_CAPABILITIES, COMMON_CAPABILITIES])('add up where one pixel is the maximum of several windows', async (capabilities) => {
    const x = floatTensor([0, 0, 0, 0, 9, 0, 0, 0, 0, -1, -1, -1, -1, -9, -1, -1, -1, -2], [2, 1, 3, 3]);
    const [dx] = await differentiate([x], (value) => reduceSum(maxPool(value, { kernel: [2, 2] })), capabilities);
    expect(dx).toEqual([0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0]);
  });
});

describe('gradients of AveragePool', () => {
  it.each(cases)('$title, without the padding', async ({ x, options }) => {
    await expectGradients([randomTensor(x, 1)], (value) => averagePool(value, options));
  });

  it.each(cases)('$title, with the padding', async ({ x, options }) => {
    await expectGradients([randomTensor(x, 1)], (value) => averagePool(value, { ...options, countPadding: true }));
  });
});

describe('gradients of GlobalAveragePool', () => {
  it.each([{ x: [2, 3, 2, 4] }, { x: [1, 2, 1, 1] }])('of $x', async ({ x }) => {
    await expectGradients([randomTensor(x, 1)], globalAveragePool);
  });
});
