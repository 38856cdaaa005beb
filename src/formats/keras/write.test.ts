import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { randomTensor } from '../../../test/support/numeric.js';
import { ConfigError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { getModel } from '../../models/registry.js';
import type { LayerDescription } from '../../nn/description.js';
import { describedNetwork } from '../../nn/description.js';
import { parameterSpecs } from '../../nn/network.js';
import { readHdf5 } from '../hdf5.js';
import { readKeras } from './read.js';
import { transposed } from './weights.js';
import type { KerasModel } from './write.js';
import { writeKerasArchive, writeKerasH5 } from './write.js';

const plain = { dilation: [1, 1], bias: true, activation: 'relu' } as const;
const layers: LayerDescription[] = [
  { kind: 'Rescaling', name: 'input_range', scale: 2, offset: -1 },
  { kind: 'Conv2D', name: 'conv_a', filters: 4, kernel: [3, 2], stride: [2, 1], padding: 'same', ...plain },
  { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon: 0.01, scale: false, centre: true },
  { kind: 'MaxPooling2D', name: 'max', size: [2, 2], stride: [2, 2], padding: 'same' },
  { kind: 'Conv2D', name: 'conv_b', filters: 3, kernel: [2, 2], stride: [1, 1], padding: 'valid', ...plain, bias: false },
  { kind: 'Flatten', name: 'flatten' },
  { kind: 'Dropout', name: 'dropout', rate: 0.5 },
  { kind: 'Dense', name: 'last', units: 3, bias: true, activation: 'linear' },
];

function modelOf(own: readonly LayerDescription[], optimiser: Partial<KerasModel['optimiser']> = {}): KerasModel {
  const specs = parameterSpecs(describedNetwork('net', own), { imageSize: 12, classes: 3 });
  const settings = { kind: 'adamw', learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0.1, step: 7, ...optimiser } as const;
  const slots = settings.kind === 'adamw' ? ['mean', 'variance'] : settings.momentum > 0 ? ['momentum'] : [];
  const tensors = new Map<string, HostTensor>();
  for (const [key, { name, shape, trainable }] of specs.entries()) {
    tensors.set(name, randomTensor(shape, key));
    if (trainable) for (const [place, slot] of slots.entries()) tensors.set(`${name}/${slot}`, randomTensor(shape, 100 + 2 * key + place));
  }
  return { name: 'net', layers: own, imageSize: 12, classes: ['a', 'b', 'c'], tensors, optimiser: settings };
}

const writers = [
  ['.h5', writeKerasH5],
  ['.keras', writeKerasArchive],
] as const;

describe.each(writers)('a network written as %s', (_ending, write) => {
  it.each([
    ['AdamW', {}],
    ['Adam', { weightDecay: 0 }],
    ['SGD', { kind: 'sgd', weightDecay: 0 }],
    ['SGD with momentum', { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0 }],
  ] as const)('comes back with the state of %s', async (_name, optimiser) => {
    const model = modelOf(layers, optimiser);
    const back = await readKeras(await write(model), 'net');
    expect(back).toMatchObject({ name: 'net', layers, imageSize: 12, classCount: 3, classes: ['a', 'b', 'c'], notes: [] });
    const tensors = new Map([...back.weights, ...back.optimiser!.slots]);
    expect(new Set(tensors.keys())).toEqual(new Set(model.tensors.keys()));
    for (const [name, tensor] of model.tensors) expect(tensors.get(name), name).toEqual(tensor);
    const { kind, learningRate, momentum, nesterov, weightDecay } = model.optimiser;
    expect(back.optimiser).toMatchObject({ step: 7, notes: [] });
    expect(back.optimiser!.settings).toMatchObject({
      ...{ optimiser: kind, learningRate, schedule: 'constant' },
      ...(kind === 'sgd' ? { momentum, nesterov } : { weightDecay }),
    });
  });

  it('is written without the state where the state is not there', async () => {
    const model = modelOf(layers);
    const tensors = new Map([...model.tensors].filter(([name]) => !name.includes('/')));
    const back = await readKeras(await write({ ...model, tensors }), 'net');
    expect(back.optimiser!.slots.size).toBe(0);
    expect(new Map(back.weights)).toEqual(tensors);
  });

  it('has zero padding in a layer of its own', async () => {
    const own = layers.with(1, { ...layers[1]!, padding: [1, 0, 2, 3] } as LayerDescription);
    const back = await readKeras(await write(modelOf(own)), 'net');
    expect(back.layers.slice(1, 3)).toEqual([
      { kind: 'ZeroPadding2D', name: 'conv_a_padding', padding: [1, 0, 2, 3] },
      { ...layers[1]!, padding: 'valid' },
    ]);
  });

  it('is refused where Keras has no such layer', async () => {
    const own = getModel('levi-hassner').layers(8).map(({ description }) => description);
    const writing = write({ ...modelOf(layers), layers: own, imageSize: 63, classes: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] });
    await expect(writing).rejects.toThrow(ConfigError);
    await expect(writing).rejects.toThrow('layer "norm1" (LocalResponseNormalization) has no counterpart in Keras');
  });

  it('has the same bytes each time', async () => {
    const model = modelOf(layers);
    const first = await write(model);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 100_000);
    onTestFinished(() => clock.mockRestore());
    expect(Buffer.compare(first, await write(model))).toBe(0);
  });
});

it('lists so many layers in several attributes', async () => {
  const many = Array.from({ length: 900 }, (_, index): LayerDescription => {
    return { kind: 'Activation', name: `activation_with_a_long_name_${'x'.repeat(60)}_${index}`, activation: 'relu' };
  });
  const own = [...layers.slice(0, 1), ...many, ...layers.slice(1)];
  const bytes = await writeKerasH5(modelOf(own));
  const parts = await readHdf5(bytes, 'net', (root) => [0, 1, 2].map((part) => root.group('model_weights')!.texts(`layer_names${part}`)?.length));
  expect(parts[0]! + parts[1]!).toBe(own.length);
  expect(parts[2]).toBeUndefined();
  expect((await readKeras(bytes, 'net')).layers).toEqual(own);
});

describe('transposed', () => {
  it('permutes axes', () => {
    // [[1, 2, 3], [4, 5, 6]]
    expect([...transposed(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6]);
    // A kernel [kH, kW, I, O] = [1, 2, 1, 2] as [O, I, kH, kW].
    expect([...transposed(Float32Array.of(1, 2, 3, 4), [1, 2, 1, 2], [3, 2, 0, 1])]).toEqual([1, 3, 2, 4]);
  });

  it('is undone by the inverse order', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }), order, (shape, axes) => {
        const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => index);
        const there = transposed(values, shape, axes);
        const back = transposed(there, axes.map((axis) => shape[axis]!), axes.map((_, axis) => axes.indexOf(axis)));
        expect(back).toEqual(values);
      }),
    );
  });
});
