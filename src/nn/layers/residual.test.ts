import { describe, expect, it } from 'vitest';
import { runLayers } from '../../../test/support/layers.js';
import { expectGradients, randomTensor, tensorAwayFromZero } from '../../../test/support/numeric.js';
import { ShapeError } from '../../base/errors.js';
import { floatTensor } from '../../base/tensor.js';
import type { Value } from '../../graph/graph.js';
import { constant } from '../initialisers.js';
import type { Layer, LayerContext } from '../layer.js';
import { averagePoolLayer, convolutionLayer, residualLayer } from './index.js';

/** One picture of 2×2 pixels whose channels are 1 2 3 4, -1 -2 -3 -4 and 0 0 0 8. */
const picture = floatTensor([1, 2, 3, 4, -1, -2, -3, -4, 0, 0, 0, 8], [1, 3, 2, 2]);

/** Doubles each channel. */
const doubling = convolutionLayer('double', { filters: 3, kernel: 1, bias: false, initialise: constant(0) });
const doubled = { 'double.kernel': floatTensor([2, 0, 0, 0, 2, 0, 0, 0, 2], [3, 3, 1, 1]) };

async function outputOf(layer: Layer, tensors = doubled) {
  const { y } = (await runLayers([layer], picture, tensors)).outputs;
  return { shape: y!.shape, values: [...(y!.data as Float32Array)] };
}

describe('residualLayer', () => {
  it('adds the picture to what its layers make of it, and activates the sum', async () => {
    const layer = residualLayer('block', { main: [doubling], activation: 'relu' });
    expect(await outputOf(layer)).toEqual({ shape: [1, 3, 2, 2], values: [3, 6, 9, 12, 0, 0, 0, 0, 0, 0, 0, 24] });
  });

  it('takes a shortcut of its own, and fills up what one way lacks with zeros at the end', async () => {
    // The main way keeps 2×2 pixels and has one channel, 1·x; the shortcut has the mean of each of the three.
    const main = [convolutionLayer('first', { filters: 1, kernel: 1, bias: false, initialise: constant(0) })];
    const shortcut = [averagePoolLayer('pool', { size: [2, 2], stride: [2, 2], padding: 'valid' })];
    const layer = residualLayer('block', { main, shortcut });
    const tensors = { 'first.kernel': floatTensor([1, 0, 0], [1, 3, 1, 1]) };
    expect(await outputOf(layer, tensors as unknown as typeof doubled)).toEqual({
      shape: [1, 3, 2, 2],
      values: [1 + 2.5, 2, 3, 4, -2.5, 0, 0, 0, 2, 0, 0, 0],
    });
  });

  it('names the parameters of the layers in it after them', async () => {
    const { built } = await runLayers([residualLayer('block', { main: [doubling] })], picture, doubled);
    expect(built.parameters.map(({ name }) => name)).toEqual(['double.kernel']);
    expect(built.layers.map(({ layer }) => layer.name)).toEqual(['block']);
  });

  it('has the gradients of both ways', async () => {
    const shortcut = [averagePoolLayer('pool', { size: [2, 2], stride: [2, 2], padding: 'valid' })];
    const main = [convolutionLayer('conv', { filters: 4, kernel: 3, stride: 2, initialise: constant(0) })];
    const layer = residualLayer('block', { main, shortcut, activation: 'tanh' });
    const x = tensorAwayFromZero([2, 3, 6, 6], 1);
    await expectGradients([x, randomTensor([4, 3, 3, 3], 2), randomTensor([4], 3)], (value, kernel, bias) =>
      layer.apply(value, contextOf({ kernel, bias })),
    );
  });

  it('holds no other residual block', () => {
    const inner = residualLayer('inner', { main: [doubling] });
    expect(() => residualLayer('outer', { main: [inner] })).toThrow(ShapeError);
  });
});

function contextOf(parameters: Readonly<Record<string, Value>>): LayerContext {
  const context: LayerContext = {
    training: true,
        frozen: false,
    parameter: (role) => parameters[role]!,
    update: () => undefined,
    dropoutMask: () => {
      throw new Error('no dropout here');
    },
    of: () => context,
  };
  return context;
}
