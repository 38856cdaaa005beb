import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ModelProto } from 'onnx-buf';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { FormatError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import type { LayerDescription } from '../nn/description.js';
import { describedNetwork } from '../nn/description.js';
import { parameterSpecs } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import { inferenceModel } from '../training/inference-model.js';
import { readOnnxNetwork } from './onnx-network.js';

const convolution = {
  ...{ kind: 'Conv2D', filters: 4, kernel: [3, 3], stride: [1, 1], dilation: [1, 1] },
  ...{ padding: 'valid', bias: true, activation: 'linear' },
} as const satisfies Partial<LayerDescription>;
const norm = { kind: 'BatchNormalization', momentum: 0.9, epsilon: 1e-3, scale: true, centre: true } as const;

/** Normalisations before and after convolutions, with and without what may be missing, and one that stays where it is. */
const layers: LayerDescription[] = [
  { ...norm, name: 'first' },
  { ...convolution, name: 'conv1', activation: 'relu' },
  { ...norm, name: 'plain', scale: false, centre: false },
  { ...convolution, name: 'conv2', bias: false },
  { ...norm, name: 'between' },
  { ...convolution, name: 'conv3' },
  { ...norm, name: 'last' },
  { kind: 'Activation', name: 'relu', activation: 'relu' },
  { ...norm, name: 'kept' },
  { kind: 'Dropout', name: 'dropout', rate: 0.5 },
  { kind: 'Flatten', name: 'flatten' },
  { kind: 'Dense', name: 'dense', units: 3, bias: true, activation: 'linear' },
];
const model = { name: 'varied', layers, imageSize: 9, classes: ['a', 'b', 'c'] };
const network = describedNetwork(model.name, layers);
const weights = new Map<string, HostTensor>(
  parameterSpecs(network, { imageSize: 9, classes: 3 }).map(({ name, shape }, key) => [
    name,
    /gamma|variance/.test(name) ? randomTensor(shape, key, 0.5, 2) : randomTensor(shape, key),
  ]),
);
const calibration = { temperature: 1.25, offsets: [0.5, 0, -0.25] };
const bytes = inferenceModel({ network, weights, ...model, calibration });

async function answersOf(file: Uint8Array): Promise<Float32Array> {
  const session = await Session.create(file, { threads: 1 });
  const { probabilities } = await session.run({ images: randomTensor([4, 3, 9, 9], 99, 0, 1) });
  await session.dispose();
  return probabilities!.data as Float32Array;
}

describe('a network in an ONNX file', () => {
  const read = readOnnxNetwork(bytes, 'x');

  it('comes back with its layers, classes and temperature', () => {
    const { weights: _weights, ...rest } = read;
    expect(rest).toEqual({ ...model, calibration });
  });

  it('comes back with all weights as they were before normalisations were folded', () => {
    const operators = fromBinary(ModelProtoSchema, bytes).graph!.node.map(({ opType }) => opType);
    expect(operators.filter((operator) => operator === 'BatchNormalization')).toHaveLength(2);
    expect([...read.weights.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, { shape, data }] of weights) {
      const again = read.weights.get(name)!;
      expect([name, again.shape]).toEqual([name, shape]);
      again.data.forEach((value, index) => expect(value).toBeCloseTo(Number(data[index]!), 4));
    }
  });

  it('gives the same probabilities', async () => {
    const again = inferenceModel({ ...read, network: describedNetwork(read.name, read.layers) });
    const [expected, given] = [await answersOf(bytes), await answersOf(again)];
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.3);
    given.forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-5));
  });
});

describe('weights of 8 bits', () => {
  const wide: LayerDescription[] = [
    { ...convolution, name: 'conv', filters: 64 },
    { ...norm, name: 'norm' },
    { kind: 'GlobalAveragePooling2D', name: 'pool' },
    { kind: 'Dense', name: 'dense', units: 3, bias: true, activation: 'linear' },
  ];
  const widened = { ...model, network: describedNetwork('wide', wide) };
  const specs = parameterSpecs(widened.network, { imageSize: 9, classes: 3 });
  const floats = new Map<string, HostTensor>(specs.map(({ name, shape }, key) => [name, randomTensor(shape, key, 0.5, 1)]));
  const file = inferenceModel({ ...widened, weights: floats, eightBits: true });

  it('come back within half a step of their channel, whatever was folded into them', () => {
    const { weights: again } = readOnnxNetwork(file, 'x');
    const kernel = again.get('conv.kernel')!;
    // A step is a 127th of the largest weight, which is at most 1.
    kernel.data.forEach((value, index) => {
      const error = Math.abs(Number(value) - Number(floats.get('conv.kernel')!.data[index]!));
      expect(error).toBeLessThan(0.51 / 127);
    });
    expect(again.get('dense.kernel')!.data).toEqual(floats.get('dense.kernel')!.data);
  });

  it('are refused when their scales are gone or of another shape', () => {
    const spoilt = (change: (tensor: ModelProto['graph']) => void): Uint8Array => {
      const proto = fromBinary(ModelProtoSchema, file);
      change(proto.graph);
      return toBinary(ModelProtoSchema, proto);
    };
    const gone = spoilt((graph) => (graph!.initializer = graph!.initializer.filter(({ name }) => !name.endsWith(' scale'))));
    expect(() => readOnnxNetwork(gone, 'x.onnx')).toThrow(/has no initialiser ".* scale"/);
    const misshapen = spoilt((graph) => {
      graph!.initializer.find(({ name }) => name.endsWith(' scale'))!.dims = [1n, 64n, 1n, 1n];
    });
    expect(() => readOnnxNetwork(misshapen, 'x.onnx')).toThrow(/the scales of ".*" do not fit its shape \[64, 3, 3, 3\]/);
  });
});

/** The file with something changed. */
function changed(change: (proto: ModelProto) => void): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, bytes);
  change(proto);
  return toBinary(ModelProtoSchema, proto);
}

function without(...keys: string[]): Uint8Array {
  return changed((proto) => (proto.metadataProps = proto.metadataProps.filter(({ key }) => !keys.includes(key))));
}

function withMetadata(key: string, edit: (value: string) => string): Uint8Array {
  return changed((proto) => {
    const before = proto.metadataProps.find((entry) => entry.key === key)!.value;
    const others = proto.metadataProps.filter((entry) => entry.key !== key);
    proto.metadataProps = [...others, create(StringStringEntryProtoSchema, { key, value: edit(before) })];
  });
}

describe('a file without all that is needed', () => {
  const errorOf = (file: Uint8Array): FormatError => {
    try {
      readOnnxNetwork(file, 'x.onnx');
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
    throw new Error('no error was thrown');
  };

  it('from elsewhere is refused with what it lacks and what works instead', () => {
    const { message, hint } = errorOf(changed((proto) => (proto.metadataProps = [])));
    expect(message).toBe('x.onnx: lacks ageband.classes, ageband.image_size, ageband.network in its metadata, so that its layers are not known');
    expect(hint).toContain('take its Keras file');
  });

  it('of an earlier version is refused with what it can be used for', () => {
    const { message, hint } = errorOf(without('ageband.network'));
    expect(message).toBe('x.onnx: lacks ageband.network in its metadata, so that its layers are not known');
    expect(hint).toContain('`ageband predict` and `ageband evaluate` take it as it is');
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['classes that are none', withMetadata('ageband.classes', () => '["a"]'), /has damaged metadata, so that its layers/],
    [
      'offsets for other classes',
      changed((proto) => proto.metadataProps.push(create(StringStringEntryProtoSchema, { key: 'ageband.logit_offsets', value: '[1]' }))),
      /has damaged metadata: 1 logit_offsets for \d classes/,
    ],
    ['layers that are none', withMetadata('ageband.network', () => '[{"kind":"Lambda"}]'), /has damaged metadata:[^]*network/],
    ['folds that are none', withMetadata('ageband.folded', () => '{'), /has damaged metadata:[^]*folded/],
    ['an initialiser that is not there', withMetadata('ageband.folded', (text) => text.replaceAll('"folded_kernel"', '"nowhere"')), /has no initialiser "nowhere"/],
    ['statistics of another length', withMetadata('ageband.folded', (text) => text.replace('"values":[', '"values":[1,')), /does not fit its shape \[4, 3, 3, 3\]/],
    ['weights that are cut', changed((proto) => (proto.graph!.initializer[0]!.rawData = new Uint8Array(9))), /initialiser ".*" of shape .* holds 2 numbers, not/],
    ['weights of another type', changed((proto) => (proto.graph!.initializer[0]!.dataType = 7)), /does not hold numbers of the type float32/],
    ['weights in another file', changed((proto) => (proto.graph!.initializer[0]!.dataLocation = TensorProto_DataLocation.EXTERNAL)), /is kept in another file/],
  ])('is refused with %s', (_what, file, message) => {
    expect(errorOf(file).message).toMatch(message);
  });
});
