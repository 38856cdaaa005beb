import { describe, expect, it, onTestFinished } from 'vitest';
import { pooledNetwork } from '../../test/support/networks.js';
import { randomTensor } from '../../test/support/numeric.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { baseline } from '../models/baseline.js';
import { leviHassner } from '../models/levi-hassner.js';
import { normal } from '../nn/initialisers.js';
import { batchNormLayer, convolutionLayer, denseLayer, flattenLayer, residualLayer } from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import { parameterSpecs } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import { describeExplanationModel } from './description.js';
import { Explainer } from './explainer.js';
import type { ExplanationModelOptions } from './explanation-model.js';
import { explanationModel } from './explanation-model.js';
import { isEmptyMap } from './heat-map.js';

const start = normal(0.1);

/** One filter of one pixel, which sees red alone, and one dense layer on 2 × 2 pixels. */
const tiny: NetworkDefinition = {
  name: 'tiny',
  layers: (classes) => [
    convolutionLayer('eye', { filters: 1, kernel: 1, initialise: start, activation: 'relu' }),
    flattenLayer('flatten'),
    denseLayer('dense', { units: classes, initialise: start }),
  ],
};
const tinyWeights = new Map<string, HostTensor>([
  ['eye.kernel', floatTensor([1, 0, 0], [1, 3, 1, 1])],
  ['eye.bias', floatTensor([0], [1])],
  // The mean gradients of the classes are 2.5 and -1.
  ['dense.kernel', floatTensor([1, -1, 2, -1, 3, -1, 4, -1], [4, 2])],
  ['dense.bias', floatTensor([0, 0], [2])],
]);
const tinyOptions = { network: tiny, weights: tinyWeights, imageSize: 2, classes: ['old', 'young'], method: 'grad-cam' } as const;
/** Red 0.1 to 0.4, and some green. */
const picture = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.9, 0, 0, 0, 0, 0, 0, 0);

async function explainerOf(options: ExplanationModelOptions): Promise<Explainer> {
  const { bytes } = explanationModel(options);
  const explainer = new Explainer(await Session.create(bytes, { threads: 1 }), describeExplanationModel(bytes));
  onTestFinished(() => explainer.dispose());
  return explainer;
}

function randomWeights(network: NetworkDefinition, imageSize: number, classes: number): Map<string, HostTensor> {
  const specs = parameterSpecs(network, { imageSize, classes });
  return new Map(specs.map(({ name, shape }, key) => [name, randomTensor(shape, key, name.endsWith('variance') ? 0.5 : -0.3, 0.7)]));
}

describe('an explanation', () => {
  it('is that of the likeliest class, by hand', async () => {
    const explainer = await explainerOf(tinyOptions);
    const { target, map, probabilities } = await explainer.explain(picture);
    expect(target).toBe(0);
    [0.25, 0.5, 0.75, 1].forEach((value, index) => expect(map.values[index]).toBeCloseTo(value, 6));
    // Scores 1·0.1 + 2·0.2 + 3·0.3 + 4·0.4 = 3 and -1.
    expect(probabilities[0]).toBeCloseTo(1 / (1 + Math.exp(-4)), 6);
  });

  it('is empty for a class that everything speaks against', async () => {
    const explainer = await explainerOf(tinyOptions);
    const { target, map } = await explainer.explain(picture, 1);
    expect(target).toBe(1);
    expect([...map.values]).toEqual([0, 0, 0, 0]);
    expect(isEmptyMap(map)).toBe(true);
  });

  it.each([-1, 2, 0.5])('refuses the class %d', async (target) => {
    const explainer = await explainerOf(tinyOptions);
    await expect(explainer.explain(picture, target)).rejects.toThrow(`there is no class ${target}; the network has 2`);
  });

  it('refuses a network that gives no numbers', async () => {
    const weights = new Map([...tinyWeights, ['dense.bias', floatTensor([Number.NaN, 0], [2])]]);
    const explainer = await explainerOf({ ...tinyOptions, weights });
    await expect(explainer.explain(picture)).rejects.toThrow('values that are no numbers');
  });

  it('is the same where batch normalisation follows a convolution directly, which must not be folded into it', async () => {
    const network: NetworkDefinition = {
      name: 'normalised',
      layers: (classes) => [
        convolutionLayer('eye', { filters: 2, kernel: 1, initialise: start }),
        batchNormLayer('norm', { epsilon: 0 }),
        flattenLayer('flatten'),
        denseLayer('dense', { units: classes, initialise: start }),
      ],
    };
    const weights = new Map<string, HostTensor>([
      ['eye.kernel', floatTensor([1, 0, 0, 0, 1, 0], [2, 3, 1, 1])],
      ['eye.bias', floatTensor([0, 0], [2])],
      ...Object.entries({ gamma: [3, 5], beta: [0.1, 0.2], moving_mean: [0.3, 0.4], moving_variance: [4, 25] }).map(
        ([role, values]) => [`norm.${role}`, floatTensor(values, [2])] as const,
      ),
      ['dense.kernel', floatTensor([1, 0, 1, 0, 1, 0, 1, 0, 2, 0, 2, 0, 2, 0, 2, 0], [8, 2])],
      ['dense.bias', floatTensor([0, 0], [2])],
    ]);
    const explainer = await explainerOf({ ...tinyOptions, network, weights });
    // Gradients of red 1 · 3/2 and of green 2 · 5/5, times the convolution's own values.
    const { values } = (await explainer.explain(picture, 0)).map;
    [1.5 * 0.1 + 2 * 0.9, 1.5 * 0.2, 1.5 * 0.3, 1.5 * 0.4].forEach((value, index) => {
      expect(values[index]).toBeCloseTo(value, 5);
    });
  });
});

describe('the description of a model', () => {
  it('is read back from the file', () => {
    const { bytes, description } = explanationModel({ ...tinyOptions, method: 'grad-cam++' });
    expect(describeExplanationModel(bytes)).toEqual(description);
    const map = { method: 'grad-cam++', layer: 'eye', height: 2, width: 2 };
    expect(description).toEqual({ ...map, classes: ['old', 'young'], imageSize: 2 });
  });

  it('is missed in what is no model that explains', () => {
    expect(() => describeExplanationModel(Uint8Array.of(1, 2), 'a.onnx')).toThrow('a.onnx: is no ONNX model');
  });
});

describe('explanationModel', () => {
  it('looks at the last residual block of a residual network', () => {
    const residual: NetworkDefinition = {
      name: 'residual',
      layers: (classes) => [
        convolutionLayer('stem', { filters: 3, kernel: 1, initialise: start }),
        residualLayer('block', { main: [convolutionLayer('inner', { filters: 3, kernel: 3, padding: 1, initialise: start })] }),
        flattenLayer('flatten'),
        denseLayer('dense', { units: classes, initialise: start }),
      ],
    };
    const weights = randomWeights(residual, 4, 2);
    const options = { network: residual, weights, imageSize: 4, classes: ['old', 'young'] };
    const alignment = { template: 'similarity', margin: 0.2 } as const;
    const { description, bytes } = explanationModel({ ...options, alignment });
    expect(description).toMatchObject({ layer: 'block', height: 4, width: 4, alignment });
    expect(describeExplanationModel(bytes)).toEqual(description);
    expect(explanationModel({ ...options, layer: 'stem' }).description.layer).toBe('stem');
  });

  it('looks at an earlier convolution where the last has fewer than 5 × 5 cells', () => {
    // The last has 5 × 5 at 48 pixels and 3 × 3 at 37, where the one before has 11 × 11.
    const layerAt = (imageSize: number): string => {
      const options = { network: baseline, weights: randomWeights(baseline, imageSize, 3), imageSize, classes: ['a', 'b', 'c'] };
      return explanationModel(options).description.layer;
    };
    expect([48, 37].map(layerAt)).toEqual(['conv3', 'conv2']);
  });

  it('names the convolutions where one is asked for that does not exist', () => {
    const weights = randomWeights(baseline, 37, 3);
    const options = { network: baseline, weights, imageSize: 37, classes: ['a', 'b', 'c'] };
    for (const layer of ['conv4', 'pool1', 'flatten', '']) {
      expect(() => explanationModel({ ...options, layer })).toThrow(
        expect.objectContaining({
          message: `the network has no convolution named "${layer}"`,
          hint: 'Its convolutions are: conv1, conv2, conv3.',
        }),
      );
    }
  });

  it.each([baseline, leviHassner])('refuses a class activation map of $name, which ends in dense layers', (network) => {
    const weights = randomWeights(network, 67, 3);
    const options = { network, weights, imageSize: 67, classes: ['a', 'b', 'c'], method: 'cam' } as const;
    expect(() => explanationModel(options)).toThrow(
      'needs a network that ends in global average pooling and one dense layer; this one ends in Dense, Dropout, Dense',
    );
  });

  it('takes no other layer for a class activation map than that before the pooling', () => {
    const weights = randomWeights(pooledNetwork, 8, 2);
    const options = { network: pooledNetwork, weights, imageSize: 8, classes: ['a', 'b'], method: 'cam' } as const;
    expect(explanationModel({ ...options, layer: 'conv2' }).description.layer).toBe('conv2');
    expect(() => explanationModel({ ...options, layer: 'conv1' })).toThrow('"conv2", not of "conv1"');
  });
});
