import { describe, expect, it } from 'vitest';
import { runLayers } from '../../../test/support/layers.js';
import { PURPOSE, randomStream } from '../../base/random.js';
import { floatTensor } from '../../base/tensor.js';
import type { HostTensor } from '../../base/tensor.js';
import { constant, normal } from '../initialisers.js';
import type { Layer } from '../layer.js';
import { parameterSpecs } from '../network.js';
import { convolutionLayer, denseLayer, dropoutLayer, flattenLayer, maxPoolLayer } from './index.js';

const initialise = normal(1);

const numbers = (tensor: HostTensor | undefined): number[] => Array.from(tensor!.data as Float32Array);

/** Names, shapes and first values (or 'drawn') of the parameters of layers on pictures of 8×8 pixels. */
function specsOf(layers: readonly Layer[]): [string, readonly number[], number | 'drawn'][] {
  const specs = parameterSpecs({ name: 'test', layers: () => layers }, { imageSize: 8, classes: 2 });
  return specs.map(({ name, shape, initialise: start }) => {
    const values = new Set(start(shape, randomStream(1, PURPOSE.initialise)));
    return [name, shape, values.size === 1 ? [...values][0]! : 'drawn'];
  });
}

/** One picture of 2×2 pixels whose channels are 1 2 3 4, 10 20 30 40 and 0 0 0 100. */
const picture = floatTensor([1, 2, 3, 4, 10, 20, 30, 40, 0, 0, 0, 100], [1, 3, 2, 2]);

describe('convolutionLayer', () => {
  it('has a kernel [O, I, k, k] that is drawn and a bias of zeros', () => {
    expect(specsOf([convolutionLayer('conv', { filters: 5, kernel: 3, initialise })])).toEqual([
      ['conv.kernel', [5, 3, 3, 3], 'drawn'],
      ['conv.bias', [5], 0],
    ]);
  });

  it('may start from another bias', () => {
    const layer = convolutionLayer('conv', { filters: 5, kernel: 3, initialBias: 1, initialise });
    expect(specsOf([layer])[1]).toEqual(['conv.bias', [5], 1]);
  });

  const kernel = floatTensor([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], [1, 3, 2, 2]);
  const tensors = { 'conv.kernel': kernel, 'conv.bias': floatTensor([-7], [1]) };

  it('correlates, adds the bias and applies the activation', async () => {
    const options = { filters: 1, kernel: 2, initialise };
    const { outputs } = await runLayers([convolutionLayer('conv', options)], picture, tensors);
    expect(numbers(outputs['y'])).toEqual([1 + 4 + 100 - 7]);
    const negative = { ...tensors, 'conv.bias': floatTensor([-107], [1]) };
    const linear = await runLayers([convolutionLayer('conv', options)], picture, negative);
    expect(numbers(linear.outputs['y'])).toEqual([-2]);
    const active = await runLayers([convolutionLayer('conv', { ...options, activation: 'relu' })], picture, negative);
    expect(numbers(active.outputs['y'])).toEqual([0]);
  });

  it('pads with zeros on all sides and strides', async () => {
    const layer = convolutionLayer('conv', { filters: 1, kernel: 2, padding: 1, stride: 2, initialise });
    const { outputs } = await runLayers([layer], picture, tensors);
    expect(outputs['y']!.shape).toEqual([1, 1, 2, 2]);
    // Each window meets one corner of the picture.
    expect(numbers(outputs['y'])).toEqual([1 + 0 - 7, -7, -7, 4 - 7]);
  });
});

describe('denseLayer', () => {
  it('has a kernel [I, units] that is drawn and a bias of zeros', () => {
    expect(specsOf([flattenLayer('flatten'), denseLayer('dense', { units: 4, initialise: constant(2) })])).toEqual([
      ['dense.kernel', [192, 4], 2],
      ['dense.bias', [4], 0],
    ]);
  });

  it('may start from another bias', () => {
    const layers = [flattenLayer('flatten'), denseLayer('dense', { units: 4, initialBias: 0.5, initialise })];
    expect(specsOf(layers)[1]).toEqual(['dense.bias', [4], 0.5]);
  });

  it('multiplies pictures that are flattened channel by channel', async () => {
    const kernel = new Float32Array(24);
    kernel[0 * 2] = 1; // the first pixel of the first channel goes to unit 0
    kernel[5 * 2] = 1; // the second pixel of the second channel too
    kernel[11 * 2 + 1] = -1; // the last pixel of the last channel goes to unit 1
    const tensors = { 'dense.kernel': floatTensor(kernel, [12, 2]), 'dense.bias': floatTensor([0.5, 1], [2]) };
    const layers = (activation: 'linear' | 'relu') => [
      flattenLayer('flatten'),
      denseLayer('dense', { units: 2, initialise, activation }),
    ];
    expect(numbers((await runLayers(layers('linear'), picture, tensors)).outputs['y'])).toEqual([21.5, -99]);
    expect(numbers((await runLayers(layers('relu'), picture, tensors)).outputs['y'])).toEqual([21.5, 0]);
  });
});

describe('maxPoolLayer', () => {
  it('takes the maxima of windows that lie wholly in the picture', async () => {
    const pixels = Float32Array.from({ length: 3 * 36 }, (_, index) => index);
    const { outputs } = await runLayers([maxPoolLayer('pool', 3, 2)], floatTensor(pixels, [1, 3, 6, 6]));
    expect(outputs['y']!.shape).toEqual([1, 3, 2, 2]);
    expect(numbers(outputs['y']).slice(0, 5)).toEqual([14, 16, 26, 28, 36 + 14]);
  });
});

describe('dropoutLayer', () => {
  const layers = [flattenLayer('flatten'), dropoutLayer('dropout', 0.25)];

  it('does nothing at inference', async () => {
    const { built, outputs } = await runLayers(layers, picture);
    expect(built.masks).toEqual([]);
    expect(numbers(outputs['y'])).toEqual(numbers(picture));
  });

  it('asks for a mask while training and multiplies by it', async () => {
    const mask = floatTensor([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2], [1, 12]);
    const { built, outputs } = await runLayers(layers, picture, { 'dropout.mask': mask }, true);
    expect(built.masks).toEqual([{ name: 'dropout.mask', shape: [1, 12], rate: 0.25 }]);
    expect(numbers(outputs['y'])).toEqual([1, 0, 3, 0, 10, 0, 30, 0, 0, 0, 0, 200]);
  });

  it('of rate 0 asks for nothing', async () => {
    const { built } = await runLayers([dropoutLayer('dropout', 0)], picture, {}, true);
    expect(built.masks).toEqual([]);
  });
});
