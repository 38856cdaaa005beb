import { describe, expect, it } from 'vitest';
import { runLayers } from '../../test/support/layers.js';
import { randomTensor } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { getModel, modelNames } from '../models/registry.js';
import type { LayerDescription } from './description.js';
import { describedNetwork, layerOf, networkDescription } from './description.js';
import { TrainingEngine } from '../training/engine.js';
import { parameterSpecs } from './network.js';
import { sgd } from './optimisers.js';

const specsOf = (network: Parameters<typeof parameterSpecs>[0]) =>
  parameterSpecs(network, { imageSize: 150, classes: 8 }).map(({ name, shape, trainable }) => ({ name, shape, trainable }));

/** What one layer makes of a picture of 2×2 pixels with channels 1 2 3 4, -1 -2 -3 -4 and 0 0 0 8. */
async function outputOf(description: LayerDescription): Promise<{ shape: readonly number[]; values: number[] }> {
  const picture = floatTensor([1, 2, 3, 4, -1, -2, -3, -4, 0, 0, 0, 8], [1, 3, 2, 2]);
  const { y } = (await runLayers([layerOf(description)], picture)).outputs;
  return { shape: y!.shape, values: [...(y!.data as Float32Array)] };
}

describe('a description', () => {
  it.each(modelNames())('of %s makes the same network, and survives JSON', (name) => {
    const layers = getModel(name).layers(8);
    const stored: unknown = JSON.parse(JSON.stringify(layers.map(({ description }) => description)));
    const network = describedNetwork(name, networkDescription.parse(stored));
    expect(specsOf(network)).toEqual(specsOf(getModel(name)));
    expect(network.layers(8).map(({ kind, description }) => ({ kind, description }))).toEqual(
      layers.map(({ kind, description }) => ({ kind, description })),
    );
  });

  it.each<[LayerDescription, number[], number[]]>([
    [{ kind: 'GlobalAveragePooling2D', name: 'x' }, [1, 3], [2.5, -2.5, 2]],
    [{ kind: 'Rescaling', name: 'x', scale: 2, offset: -1 }, [1, 3, 2, 2], [1, 3, 5, 7, -3, -5, -7, -9, -1, -1, -1, 15]],
    // The last channel comes first: (2 · 8 − 1) / 2, for instance.
    [
      { kind: 'InputNormalization', name: 'x', colours: 'BGR', scale: 2, mean: [1, 2, 0], deviation: [2, 1, 4] },
      [1, 3, 2, 2],
      [-0.5, -0.5, -0.5, 7.5, -4, -6, -8, -10, 0.5, 1, 1.5, 2],
    ],
    [
      { kind: 'InputNormalization', name: 'x', colours: 'RGB', scale: 1, mean: [1, 0, 0], deviation: [1, 1, 1] },
      [1, 3, 2, 2],
      [0, 1, 2, 3, -1, -2, -3, -4, 0, 0, 0, 8],
    ],
    [{ kind: 'Activation', name: 'x', activation: 'relu' }, [1, 3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 8]],
    [{ kind: 'MaxPooling2D', name: 'x', size: [2, 2], stride: [1, 1], padding: 'same' }, [1, 3, 2, 2], [4, 4, 4, 4, -1, -2, -3, -4, 8, 8, 8, 8]],
    [{ kind: 'AveragePooling2D', name: 'x', size: [2, 2], stride: [1, 1], padding: 'same' }, [1, 3, 2, 2], [2.5, 3, 3.5, 4, -2.5, -3, -3.5, -4, 2, 4, 4, 8]],
    [{ kind: 'ZeroPadding2D', name: 'x', padding: [0, 1, 0, 0] }, [1, 3, 2, 3], [0, 1, 2, 0, 3, 4, 0, -1, -2, 0, -3, -4, 0, 0, 0, 0, 0, 8]],
  ])('of $kind does what it says', async (description, shape, values) => {
    expect(await outputOf(description)).toEqual({ shape, values });
  });

  it('may leave out biases, gamma and beta', () => {
    const layers: LayerDescription[] = [
      { kind: 'Conv2D', name: 'conv', filters: 2, kernel: [1, 3], stride: [1, 1], dilation: [1, 1], padding: 'same', bias: false, activation: 'tanh' },
      { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon: 0.1, scale: false, centre: false },
      { kind: 'GlobalAveragePooling2D', name: 'mean' },
      { kind: 'Dense', name: 'dense', units: 8, bias: false, activation: 'sigmoid' },
    ];
    expect(specsOf(describedNetwork('net', layers)).map(({ name, shape }) => [name, shape])).toEqual([
      ['conv.kernel', [2, 3, 1, 3]],
      ['norm.moving_mean', [2]],
      ['norm.moving_variance', [2]],
      ['dense.kernel', [2, 8]],
    ]);
  });

  it('of any kind can be trained', async () => {
    const plain = { dilation: [1, 1], bias: true } as const;
    const layers: LayerDescription[] = [
      { kind: 'Rescaling', name: 'rescaling', scale: 2, offset: -1 },
      { kind: 'InputNormalization', name: 'colours', colours: 'BGR', scale: 1, mean: [0.5, 0.5, 0.5], deviation: [2, 2, 2] },
      { kind: 'ZeroPadding2D', name: 'pad', padding: [1, 0, 2, 3] },
      { kind: 'Conv2D', name: 'conv', filters: 3, kernel: [3, 2], stride: [2, 1], padding: 'same', activation: 'tanh', ...plain },
      { kind: 'LocalResponseNormalization', name: 'lrn', size: 3, alpha: 1, beta: 0.75, bias: 1 },
      { kind: 'AveragePooling2D', name: 'average', size: [3, 3], stride: [2, 2], padding: 'same' },
      { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon: 0.1, scale: false, centre: true },
      { kind: 'Activation', name: 'relu', activation: 'relu' },
      { kind: 'MaxPooling2D', name: 'max', size: [2, 2], stride: [2, 2], padding: 'same' },
      { kind: 'Flatten', name: 'flatten' },
      { kind: 'BatchNormalization', name: 'flat_norm', momentum: 0.9, epsilon: 0.1, scale: true, centre: false },
      { kind: 'Dense', name: 'hidden', units: 5, bias: false, activation: 'sigmoid' },
      { kind: 'Dropout', name: 'dropout', rate: 0.25 },
      { kind: 'Dense', name: 'last', units: 2, bias: true, activation: 'linear' },
    ];
    const engine = new TrainingEngine({
      ...{ network: describedNetwork('net', layers), imageSize: 9, classes: 2, seed: 1, threads: 1 },
      optimiser: sgd({ momentum: 0.9, nesterov: false }),
    });
    const images = randomTensor([4, 3, 9, 9], 1, 0, 1).data;
    const batch = { images, targets: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1), weights: new Float32Array(4).fill(1) };
    const losses: number[] = [];
    for (let step = 0; step < 40; step++) losses.push((await engine.step({ ...batch, step, learningRate: 0.1 })).loss);
    await engine.dispose();
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('is for its own number of classes', () => {
    const network = describedNetwork('net', [{ kind: 'Dense', name: 'd', units: 3, bias: true, activation: 'linear' }]);
    expect(() => network.layers(4)).toThrow(ShapeError);
    expect(() => network.layers(4)).toThrow('the network "net" ends in 3 classes, not 4');
  });

  it.each([
    ['no layers', []],
    ['a layer of another kind', [{ kind: 'Lambda', name: 'x' }]],
    ['a name with a dot', [{ kind: 'Flatten', name: 'a.b' }]],
    ['a name with a slash', [{ kind: 'Flatten', name: 'a/b' }]],
    ['a name twice', [{ kind: 'Flatten', name: 'a' }, { kind: 'Flatten', name: 'a' }]],
    ['an unknown option', [{ kind: 'Flatten', name: 'a', order: 'HWC' }]],
    ['a rate of 1', [{ kind: 'Dropout', name: 'a', rate: 1 }]],
    ['too many units', [{ kind: 'Dense', name: 'a', units: 1e9, bias: true, activation: 'relu' }]],
  ])('is refused with %s', (_what, layers) => {
    expect(networkDescription.safeParse(layers).success).toBe(false);
  });
});
