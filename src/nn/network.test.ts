import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import { liveNodes } from '../graph/live-nodes.js';
import { baseline } from '../models/baseline.js';
import { leviHassner } from '../models/levi-hassner.js';
import { normal } from './initialisers.js';
import { batchNormLayer, convolutionLayer, denseLayer, dropoutLayer, flattenLayer } from './layers/index.js';
import type { NetworkDefinition } from './network.js';
import { buildNetwork, parameterSpecs } from './network.js';

const initialise = normal(0.1);
const small: NetworkDefinition = {
  name: 'small',
  layers: (classes) => [
    convolutionLayer('conv', { filters: 2, kernel: 3, initialise, activation: 'relu' }),
    batchNormLayer('norm'),
    flattenLayer('flatten'),
    dropoutLayer('dropout', 0.5),
    denseLayer('dense', { units: classes, initialise }),
  ],
};
const options = { batch: 4, imageSize: 6, classes: 3, training: true };

describe('buildNetwork', () => {
  it('declares pictures, parameters and masks as inputs', () => {
    const { graph, parameters, masks } = buildNetwork(small, options);
    expect(graph.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['images', [4, 3, 6, 6]],
      ['conv.kernel', [2, 3, 3, 3]],
      ['conv.bias', [2]],
      ['norm.gamma', [2]],
      ['norm.beta', [2]],
      ['norm.moving_mean', [2]],
      ['norm.moving_variance', [2]],
      ['dropout.mask', [4, 32]],
      ['dense.kernel', [32, 3]],
      ['dense.bias', [3]],
    ]);
    expect(parameters.map(({ value }) => value.name)).toEqual(parameters.map(({ name }) => name));
    expect(masks.map(({ name }) => name)).toEqual(['dropout.mask']);
  });

  it('gives the logits, the output of each layer, and the next statistics', () => {
    const { logits, layers, updates } = buildNetwork(small, options);
    expect(logits.shape).toEqual([4, 3]);
    expect(layers.map(({ layer, output }) => [layer.name, output.shape])).toEqual([
      ['conv', [4, 2, 4, 4]],
      ['norm', [4, 2, 4, 4]],
      ['flatten', [4, 32]],
      ['dropout', [4, 32]],
      ['dense', [4, 3]],
    ]);
    expect([...updates.keys()]).toEqual(['norm.moving_mean', 'norm.moving_variance']);
  });

  it('names nodes after their layers', () => {
    const { graph, logits } = buildNetwork(small, { ...options, training: false });
    graph.output('logits', logits);
    expect(liveNodes(graph).map(({ name }) => name)).toEqual([
      'conv/Conv',
      'conv/Relu',
      'norm/BatchNormalization',
      'flatten/Flatten',
      'dense/Gemm',
    ]);
  });

  it('stores weights in the graph when they are given', () => {
    const specs = parameterSpecs(small, options);
    const weights = new Map(specs.map(({ name, shape }, index) => [name, randomTensor(shape, index)]));
    const { graph, parameters } = buildNetwork(small, { ...options, training: false, weights });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['images']);
    for (const { name, value } of parameters) expect(value.constant).toBe(weights.get(name));
  });

  it('names a weight that is missing or misshapen', () => {
    const specs = parameterSpecs(small, options);
    const weights = new Map(specs.map(({ name, shape }, index) => [name, randomTensor(shape, index)]));
    const build = () => buildNetwork(small, { ...options, training: false, weights });
    weights.set('dense.kernel', randomTensor([32, 8], 1));
    expect(build).toThrow('the weights have "dense.kernel" with shape [32, 8], the network needs [32, 3]');
    weights.delete('dense.kernel');
    expect(build).toThrow('the weights lack "dense.kernel"');
  });

  it.each([
    [6, baseline, 'conv1/Conv: a window of 7×7 does not fit into a picture of 6×6'],
    [14, baseline, 'conv2/Conv: a window of 5×5 does not fit into a picture of 3×3'],
    [20, baseline, 'pool2/MaxPool: a window of 3×3 does not fit into a picture of 2×2'],
    [36, baseline, 'pool3/MaxPool: a window of 3×3 does not fit into a picture of 2×2'],
    [20, leviHassner, 'pool2/MaxPool: a window of 3×3 does not fit into a picture of 1×1'],
  ])('says which layer has no room in pictures of %i pixels', (imageSize, network, message) => {
    const build = () => buildNetwork(network, { ...options, imageSize });
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(message);
  });
});

it.each([
  [baseline.name, baseline, 37],
  [leviHassner.name, leviHassner, 63],
])('%s takes no smaller pictures than it must', (_name, network, imageSize) => {
  expect(buildNetwork(network, { ...options, imageSize }).logits.shape).toEqual([4, 3]);
  expect(() => buildNetwork(network, { ...options, imageSize: imageSize - 1 })).toThrow(ShapeError);
});
