import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { Graph } from '../graph.js';
import { convolution, transposedConvolution } from './index.js';

const nine = floatTensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);
const column = floatTensor([1, 2], [1, 1, 2, 1]);
const row = floatTensor([1, 2], [1, 1, 1, 2]);

describe('convolution', () => {
  it('multiplies each window with the kernel as it stands, and adds the bias', async () => {
    const kernel = floatTensor([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(await compute([nine, kernel], (x, k) => convolution(x, k))).toEqual([37, 47, 67, 77]);
    expect(await compute([nine, kernel, floatTensor([10], [1])], (x, k, b) => convolution(x, k, b))).toEqual([47, 57, 77, 87]);
  });

  it('sums over the input channels for each output channel', async () => {
    const x = floatTensor([1, 2, 10, 20], [1, 2, 1, 2]);
    const kernel = floatTensor([1, 2, 3, 4], [2, 2, 1, 1]);
    expect(await compute([x, kernel], (a, k) => convolution(a, k))).toEqual([21, 42, 43, 86]);
  });

  it('moves by the stride', async () => {
    const kernel = floatTensor([1], [1, 1, 1, 1]);
    expect(await compute([nine, kernel], (x, k) => convolution(x, k, undefined, { strides: [2, 1] }))).toEqual([1, 2, 3, 7, 8, 9]);
  });

  it.each([
    { side: 'top', x: column, kernel: [1, 1, 2, 1], pads: [1, 0, 0, 0] as const, y: [10, 21] },
    { side: 'left', x: row, kernel: [1, 1, 1, 2], pads: [0, 1, 0, 0] as const, y: [10, 21] },
    { side: 'bottom', x: column, kernel: [1, 1, 2, 1], pads: [0, 0, 1, 0] as const, y: [21, 2] },
    { side: 'right', x: row, kernel: [1, 1, 1, 2], pads: [0, 0, 0, 1] as const, y: [21, 2] },
  ])('pads zeros at the $side', async ({ x, kernel, pads, y }) => {
    expect(await compute([x, floatTensor([1, 10], kernel)], (a, k) => convolution(a, k, undefined, { pads }))).toEqual(y);
  });

  it('spreads the kernel by the dilation', async () => {
    const x = floatTensor([1, 2, 3], [1, 1, 1, 3]);
    const kernel = floatTensor([1, 10], [1, 1, 1, 2]);
    expect(await compute([x, kernel], (a, k) => convolution(a, k, undefined, { dilations: [1, 2] }))).toEqual([31]);
  });

  it('keeps groups of channels apart', async () => {
    const x = floatTensor([1, 2], [1, 2, 1, 1]);
    const kernel = floatTensor([3, 5, 7, 11], [4, 1, 1, 1]);
    expect(await compute([x, kernel], (a, k) => convolution(a, k, undefined, { groups: 2 }))).toEqual([3, 5, 14, 22]);
  });
});

describe('transposedConvolution', () => {
  it('lays the kernel, times each pixel, side by side at the stride', async () => {
    const x = floatTensor([1, 2, 3, 4], [1, 1, 2, 2]);
    const kernel = floatTensor([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(await compute([x, kernel], (a, k) => transposedConvolution(a, k, { strides: [2, 2] }))).toEqual([
      1, 2, 2, 4, 3, 4, 6, 8, 3, 6, 4, 8, 9, 12, 12, 16,
    ]);
  });

  it('adds where kernels overlap; pads cut off; dilation spreads', async () => {
    const kernel = floatTensor([1, 10], [1, 1, 1, 2]);
    expect(await compute([row, kernel], (a, k) => transposedConvolution(a, k))).toEqual([1, 12, 20]);
    expect(await compute([row, kernel], (a, k) => transposedConvolution(a, k, { pads: [0, 1, 0, 0] }))).toEqual([12, 20]);
    expect(await compute([row, kernel], (a, k) => transposedConvolution(a, k, { dilations: [1, 2] }))).toEqual([1, 2, 10, 20]);
  });

  it('leaves rows and columns at the end that no window reached', async () => {
    const kernel = floatTensor([3], [1, 1, 1, 1]);
    const options = { strides: [1, 2], outputPadding: [0, 1] } as const;
    expect(await compute([row, kernel], (a, k) => transposedConvolution(a, k, options))).toEqual([3, 0, 6, 0]);
  });

  it('keeps groups of channels apart', async () => {
    const x = floatTensor([1, 2], [1, 2, 1, 1]);
    const kernel = floatTensor([3, 5, 7, 11], [2, 2, 1, 1]);
    expect(await compute([x, kernel], (a, k) => transposedConvolution(a, k, { groups: 2 }))).toEqual([3, 5, 14, 22]);
  });
});

describe('shapes of convolutions', () => {
  it.each([
    { x: [2, 3, 227, 227], kernel: [96, 3, 7, 7], options: {}, y: [2, 96, 221, 221] },
    { x: [2, 3, 227, 227], kernel: [96, 3, 7, 7], options: { strides: [4, 4] as const }, y: [2, 96, 56, 56] },
    { x: [1, 96, 28, 28], kernel: [256, 96, 5, 5], options: { pads: [2, 2, 2, 2] as const }, y: [1, 256, 28, 28] },
    { x: [1, 4, 9, 8], kernel: [6, 2, 3, 2], options: { groups: 2, dilations: [2, 3] as const, pads: [0, 1, 1, 0] as const }, y: [1, 6, 6, 6] },
  ])('$x by $kernel', ({ x, kernel, options, y }) => {
    const [picture, weights] = floatInputs(x, kernel);
    expect(convolution(picture, weights, undefined, options).shape).toEqual(y);
  });

  it.each([
    {
      title: 'a kernel larger than the picture',
      shapes: [[1, 3, 5, 9], [8, 3, 7, 7], [8]],
      message: 'conv1/Conv: a window of 7×7 does not fit into a picture of 5×9',
    },
    {
      title: 'other channels',
      shapes: [[1, 3, 9, 9], [8, 4, 7, 7], [8]],
      message: 'conv1/Conv: a picture [1, 3, 9, 9] does not fit a kernel [8, 4, 7, 7] in 1 groups',
    },
    { title: 'a bias of other length', shapes: [[1, 3, 9, 9], [8, 3, 7, 7], [7]], message: 'conv1/Conv: a bias [7] does not fit 8 channels' },
    { title: 'a bias of two axes', shapes: [[1, 3, 9, 9], [8, 3, 7, 7], [1, 8]], message: 'conv1/Conv: a bias [1, 8] does not fit 8 channels' },
    {
      title: 'no picture',
      shapes: [[3, 9], [8, 3, 7, 7], [8]],
      message: 'conv1/Conv: Conv needs a picture [N, C, H, W] and a kernel [O, C/groups, H, W], got [3, 9] and [8, 3, 7, 7]',
    },
  ])('refuses $title', ({ shapes, message }) => {
    const [x, kernel, bias] = floatInputs(...shapes);
    const build = () => x!.graph.scope('conv1', () => convolution(x!, kernel!, bias));
    expect(build).toThrow(expect.objectContaining({ name: 'ShapeError', message }));
  });

  it('refuses groups that do not divide the channels', () => {
    const [x, kernel] = floatInputs([1, 4, 9, 9], [6, 1, 3, 3]);
    expect(() => convolution(x, kernel, undefined, { groups: 4 })).toThrow('a kernel [6, 1, 3, 3] in 4 groups');
    expect(() => convolution(x, kernel, undefined, { groups: 2 })).toThrow('a picture [1, 4, 9, 9] does not fit');
  });

  it('says what to do about a picture that is too small', () => {
    const [x, kernel] = floatInputs([1, 1, 2, 2], [1, 1, 3, 3]);
    expect(() => convolution(x, kernel)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('larger picture size') as string }),
    );
  });

  it('refuses transposed kernels of other channels', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 2, 4, 4]);
    const kernel = graph.input('kernel', 'float32', [3, 2, 2, 2]);
    expect(() => graph.scope('up', () => transposedConvolution(x, kernel))).toThrow(
      'up/ConvTranspose: [1, 2, 4, 4] does not fit a transposed kernel [3, 2, 2, 2]',
    );
  });
});
