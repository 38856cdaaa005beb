import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import { getModel, modelNames } from '../models/registry.js';
import { heNormal } from './initialisers.js';
import type { Layer } from './layer.js';
import {
  activationLayer,
  batchNormLayer,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  flattenLayer,
  globalAveragePoolLayer,
  maxPoolLayer,
  residualLayer,
} from './layers/index.js';
import { layerOfParameter, parameterSpecs } from './network.js';
import { chosenLayers, frozenFront } from './parts.js';

const convolution = (name: string): Layer => convolutionLayer(name, { filters: 3, kernel: 1, initialise: heNormal });
const dense = (name: string): Layer => denseLayer(name, { units: 3, initialise: heNormal });

const layers: readonly Layer[] = [
  convolution('conv1'),
  residualLayer('block', { main: [convolution('block_a'), batchNormLayer('block_norm')], shortcut: [convolution('block_b')] }),
  maxPoolLayer('pool', 2, 2),
  flattenLayer('flatten'),
  dense('dense1'),
  dropoutLayer('dropout', 0.5),
  dense('dense2'),
];

function weightedOf(all: readonly Layer[]): Set<string> {
  const network = { name: 'test', layers: () => all };
  return new Set(parameterSpecs(network, { imageSize: 8, classes: 3 }).map(({ name }) => layerOfParameter(name)));
}

/** Names of the layers with parameters that patterns choose. */
function chosen(patterns: readonly string[], all = layers): string[] {
  const weighted = weightedOf(all);
  return [...chosenLayers(all, patterns, weighted, 'freeze')].filter((name) => weighted.has(name));
}

describe('chosenLayers', () => {
  const block = ['block_a', 'block_norm', 'block_b'];

  it('takes names and globs, also of layers in blocks, and blocks as a whole', () => {
    expect(chosen(['conv1', 'dense2'])).toEqual(['conv1', 'dense2']);
    expect(chosen(['dense?'])).toEqual(['dense1', 'dense2']);
    expect(chosen(['block_?'])).toEqual(['block_a', 'block_b']);
    expect(chosen(['block'])).toEqual(block);
    expect(chosen(['*'])).toEqual(['conv1', ...block, 'dense1', 'dense2']);
  });

  it('knows the backbone, which works on maps, and the head after it', () => {
    expect(chosen(['backbone'])).toEqual(['conv1', ...block]);
    expect(chosen(['head'])).toEqual(['dense1', 'dense2']);
    const fullyConvolutional = [convolution('conv1'), convolution('conv2'), globalAveragePoolLayer('mean'), activationLayer('end', 'relu')];
    expect(chosen(['backbone'], fullyConvolutional)).toEqual(['conv1']);
    expect(chosen(['head'], fullyConvolutional)).toEqual(['conv2']);
  });

  it.each(modelNames())('divides %s into backbone and head, with the dense layers in the head', (name) => {
    const model = getModel(name);
    const all = model.layers(8);
    const weighted = new Set(parameterSpecs(model, { imageSize: 150, classes: 8 }).map((spec) => layerOfParameter(spec.name)));
    const part = (word: string) => [...chosenLayers(all, [word], weighted, 'freeze')].filter((layer) => weighted.has(layer));
    const heads = all.filter(({ kind }) => kind === 'Dense').map((layer) => layer.name);
    expect(part('head')).toEqual(heads);
    expect([...part('backbone'), ...heads].toSorted()).toEqual([...weighted].toSorted());
  });

  it('refuses what names no weights, with the layers that there are', () => {
    expect(() => chosen(['conv1', 'conv7'])).toThrow(ConfigError);
    expect(() => chosen(['conv1', 'conv7'])).toThrow('freeze: "conv7" is no layer with weights');
    expect(() => chosen(['pool'])).toThrow(/"pool"/);
    expect(() => chosen(['conv.'])).toThrow(/"conv\."/);
  });
});

describe('frozenFront', () => {
  const frontOf = (frozen: readonly string[], all = layers): number => frozenFront(all, new Set(frozen), weightedOf(all));

  it('reaches over layers without weights, to the first that is trained or random', () => {
    expect(frontOf(['conv1'])).toBe(1);
    expect(frontOf(['conv1', 'block_a', 'block_norm'])).toBe(1);
    expect(frontOf(['conv1', 'block_a', 'block_norm', 'block_b'])).toBe(4);
    expect(frontOf(['conv1', 'block_a', 'block_norm', 'block_b', 'dense1', 'dense2'])).toBe(5);
  });

  it('is nothing where no weights at the start are frozen', () => {
    expect(frontOf([])).toBe(0);
    expect(frontOf(['dense1'])).toBe(0);
    expect(frontOf(['conv1'], [maxPoolLayer('pool', 2, 2), convolution('conv1'), convolution('conv2')])).toBe(2);
    expect(frontOf(['conv2'], [maxPoolLayer('pool', 2, 2), convolution('conv1'), convolution('conv2')])).toBe(0);
  });

  it('goes over dropout that drops nothing', () => {
    const withDropout = (rate: number): Layer[] => [convolution('conv1'), dropoutLayer('dropout', rate), flattenLayer('flatten'), dense('dense1')];
    expect(frontOf(['conv1'], withDropout(0))).toBe(3);
    expect(frontOf(['conv1'], withDropout(0.1))).toBe(1);
  });
});
