import { create, toBinary } from '@bufbuild/protobuf';
import type { ModelProto, NodeProto } from 'onnx-buf';
import { ModelProtoSchema, NodeProtoSchema, TensorProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { unpacked, layoutsOf, smallPretrained, SIZES } from '../../../test/support/pretrained.js';
import { randomTensor } from '../../../test/support/numeric.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import { serialise } from '../../graph/serialise.js';
import type { LayerDescription } from '../../nn/description.js';
import { describedNetwork } from '../../nn/description.js';
import { buildNetwork, parameterSpecs } from '../../nn/network.js';
import { weightLayouts } from '../keras/weights.js';
import { parseOnnx } from '../onnx.js';
import { takeOffers } from './offers.js';
import { onnxOffers } from './onnx.js';

const conv = (bias: boolean): LayerDescription => ({
  ...{ kind: 'Conv2D', name: 'conv', filters: 4, kernel: [3, 3], stride: [2, 2], dilation: [1, 1] },
  ...{ padding: 'valid', bias, activation: 'linear' },
});

/** A network of one convolution, a normalisation and a head. */
function layersOf(bias: boolean, epsilon: number): LayerDescription[] {
  return [
    conv(bias),
    { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon, scale: true, centre: true },
    { kind: 'Activation', name: 'relu', activation: 'relu' },
    { kind: 'GlobalAveragePooling2D', name: 'mean' },
    { kind: 'Dense', name: 'head', units: 2, bias: true, activation: 'linear' },
  ];
}

const SIZE = { imageSize: 9, classes: 2 };
const weights = new Map<string, HostTensor>(
  parameterSpecs(describedNetwork('net', layersOf(true, 1e-3)), SIZE).map(({ name, shape }, index) => {
    const tensor = randomTensor(shape, index);
    const positive = name.endsWith('variance') ? tensor.data.map((value) => Math.abs(value) + 0.5) : tensor.data;
    return [name, floatTensor(positive, shape)];
  }),
);

/** That network as another program might have written it. */
function modelOf(change: (model: ModelProto) => void = () => undefined, bias = true): ModelProto {
  const network = describedNetwork('net', layersOf(bias, 1e-3));
  const { graph, logits } = buildNetwork(network, { batch: 1, ...SIZE, training: false, weights });
  graph.output('logits', logits);
  const model = parseOnnx(serialise(graph));
  change(model);
  return parseOnnx(toBinary(ModelProtoSchema, model));
}

const nodeOf = ({ graph }: ModelProto, opType: string): NodeProto => graph!.node.find((node) => node.opType === opType)!;

function take(model: ModelProto, bias = true, epsilon = 1e-3) {
  const layers = layersOf(bias, epsilon);
  const layouts = weightLayouts(describedNetwork('net', layers), SIZE);
  return takeOffers(onnxOffers(model, layers, layouts, 'net.onnx'), layouts, 'net.onnx');
}

const numbers = (tensor: HostTensor | undefined): number[] => [...(tensor!.data as Float32Array)];
const original = (name: string): number[] => numbers(weights.get(name));
const near = (values: readonly number[]): unknown[] => values.map((value): unknown => expect.closeTo(value, 5));

describe('convolutions of an ONNX file', () => {
  it('are taken with their normalisation; the head starts anew', () => {
    const { tensors, anew } = take(modelOf());
    expect(anew).toEqual(['head']);
    for (const [name, tensor] of tensors) expect(numbers(tensor), name).toEqual(original(name));
    expect([...tensors.keys()]).toHaveLength(6);
  });

  it('may have their bias as a summand, as TensorFlow writes it', () => {
    const { tensors } = take(
      modelOf((model) => {
        const node = nodeOf(model, 'Conv');
        const [output, bias] = [node.output[0]!, node.input.pop()!];
        node.output[0] = 'sum_of_products';
        const add = create(NodeProtoSchema, { opType: 'Add', input: ['sum_of_products', bias], output: [output] });
        model.graph!.node.splice(model.graph!.node.indexOf(node) + 1, 0, add);
        model.graph!.initializer.find(({ name }) => name === bias)!.dims = [1n, 4n, 1n, 1n];
      }),
    );
    expect(numbers(tensors.get('conv.bias'))).toEqual(original('conv.bias'));
    expect(numbers(tensors.get('norm.moving_mean'))).toEqual(original('norm.moving_mean'));
  });

  it('may share tensors through Identity, as PyTorch writes it', () => {
    const { tensors } = take(
      modelOf((model) => {
        const node = nodeOf(model, 'Conv');
        const copy = create(NodeProtoSchema, { opType: 'Identity', input: [node.input[2]!], output: ['copy'] });
        node.input[2] = 'copy';
        model.graph!.node.unshift(copy);
      }),
    );
    expect(numbers(tensors.get('conv.bias'))).toEqual(original('conv.bias'));
  });

  it('may be kept in half precision and cast in the graph', () => {
    const { tensors } = take(
      modelOf((model) => {
        const node = nodeOf(model, 'Conv');
        const bias = model.graph!.initializer.find(({ name }) => name === node.input[2])!;
        // 1, -2.5, the smallest subnormal and the greatest number.
        Object.assign(bias, { dataType: 10, rawData: Uint8Array.of(0, 0x3c, 0, 0xc1, 1, 0, 0xff, 0x7b), floatData: [] });
        const cast = create(NodeProtoSchema, { opType: 'Cast', input: [node.input[2]!], output: ['cast'] });
        node.input[2] = 'cast';
        model.graph!.node.unshift(cast);
      }),
    );
    expect(numbers(tensors.get('conv.bias'))).toEqual([1, -2.5, 2 ** -24, 65504]);
  });

  it('compute the same where the network has no bias and another epsilon', () => {
    const { tensors } = take(modelOf(), false, 0.1);
    const difference = original('norm.moving_mean').map((mean, index) => mean - original('conv.bias')[index]!);
    expect(numbers(tensors.get('norm.moving_mean'))).toEqual(near(difference));
    const shifted = original('norm.moving_variance').map((variance) => variance + 1e-3 - 0.1);
    expect(numbers(tensors.get('norm.moving_variance'))).toEqual(near(shifted));
  });

  it('have no bias where the file has none', () => {
    expect(numbers(take(modelOf(undefined, false)).tensors.get('conv.bias'))).toEqual([0, 0, 0, 0]);
  });

  it('in a residual block may stand in any order', () => {
    const network = smallPretrained('resnet-50-torch');
    const layouts = layoutsOf(network);
    const descriptions = network.layers(SIZES.classes).map(({ description }) => description);
    const kernels = (model: ModelProto) => {
      const { tensors } = takeOffers(onnxOffers(model, descriptions, layouts, 'x'), layouts, 'x');
      return ['conv1', 'conv2', 'conv3', 'downsample_0'].map((name) => numbers(tensors.get(`layer1_0_${name}.kernel`)));
    };
    const model = parseOnnx(unpacked('pretrained-resnet-50.onnx.gz'));
    const expected = kernels(model);
    const { node } = model.graph!;
    const shortcut = node.findIndex(({ name }) => name.includes('layer1.0/downsample'));
    node.splice(3, 0, ...node.splice(shortcut, 1));
    expect(node[3]!.name).toContain('downsample');
    expect(kernels(model)).toEqual(expected);
  });

  it.each<[string, (model: ModelProto) => void, string]>([
    ['another stride', (model) => void (nodeOf(model, 'Conv').attribute.find(({ name }) => name === 'strides')!.ints = [1n, 1n]), 'has a stride of 1×1, "conv" of the network 2×2'],
    ['groups', (model) => void (nodeOf(model, 'Conv').attribute.find(({ name }) => name === 'group')!.i = 2n), 'has groups 2, "conv" of the network none'],
    ['a kernel that is computed', (model) => void (nodeOf(model, 'Conv').input[1] = 'computed'), '(Conv) is not stored in it'],
    ['another shape', (model) => void (model.graph!.initializer.find(({ name }) => name === nodeOf(model, 'Conv').input[1])!.dims = [4n, 9n, 3n, 1n]), 'has shape [4, 9, 3, 1], "conv.kernel" needs [4, 3, 3, 3]'],
    ['further convolutions', (model) => {
      model.graph!.initializer.push(create(TensorProtoSchema, { name: 'more', dims: [1n, 4n, 1n, 1n], dataType: 1, floatData: [1, 1, 1, 1] }));
      model.graph!.node.push(create(NodeProtoSchema, { opType: 'Conv', input: ['logits', 'more'], output: ['further'] }));
    }, 'holds the convolution "more", which the network does not have'],
    ['whole numbers', (model) => void (model.graph!.initializer.find(({ name }) => name === nodeOf(model, 'Conv').input[1])!.dataType = 3), 'does not hold numbers of the type float32, float16, bfloat16 or float64'],
    ['no convolution', (model) => void model.graph!.node.splice(0), 'fits none of the 2 layers with weights before the head (read as a file of ONNX): there is nothing for "conv.kernel"'],
  ])('are refused with %s', (_, change, message) => {
    expect(() => take(modelOf(change))).toThrow(message);
  });
});
