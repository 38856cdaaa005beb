/** Translates a TensorFlow.js graph (channels last) into one of ours (channels first), operator by operator. */
import { FormatError } from '../../src/base/errors.js';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor, sizeOf } from '../../src/base/tensor.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/graph.js';
import * as ops from '../../src/graph/operators/index.js';
import type { TensorflowModel, TensorflowNode } from './tensorflow-model.js';

/** The order of the axes from [N, C, H, W] to [N, H, W, C]. */
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * ONNX Runtime computes convolutions in blocks of so many channels. Other operators join in only if the channels come in
 * whole blocks, and else the values are reordered before and after each of them, so channels are filled up with zeros.
 */
const CHANNEL_BLOCK = 16;

/**
 * @param outputs names of our outputs by the names of the model's nodes
 * @param size width and height S of the pictures
 * @returns a graph with the input `images` [1, 3, S, S], in the range that the model was trained for
 */
export function convert({ nodes, weights }: TensorflowModel, outputs: Readonly<Record<string, string>>, size: number): Graph {
  const graph = new Graph();
  const images = graph.input('images', 'float32', [1, 3, size, size]);
  const values = new Map<string, Value>();
  // What is reshaped keeps its number of values.
  const reshaped = new Set(nodes.flatMap(({ op, input }) => (op === 'Reshape' ? [input[0]!] : [])));
  for (const node of nodes) {
    if (node.op !== 'Const') values.set(node.name, translate(node, images, values, weights, !reshaped.has(node.name)));
  }
  for (const [name, output] of Object.entries(outputs)) graph.output(output, values.get(name)!);
  return graph;
}

/** @param widen whether the channels that a convolution gives are filled up to whole blocks */
function translate(
  node: TensorflowNode,
  images: Value,
  values: ReadonlyMap<string, Value>,
  weights: ReadonlyMap<string, HostTensor>,
  widen: boolean,
): Value {
  const value = (index: number): Value => values.get(node.input[index]!)!;
  const weight = (index: number): HostTensor => weights.get(node.input[index]!)!;
  switch (node.op) {
    case 'Placeholder':
      return images;
    case '_FusedConv2D':
      return fusedConvolution(node, value(0), [1, 2, 3].map((index) => weights.get(node.input[index]!)), widen);
    case 'DepthwiseConv2dNative':
      return depthwiseConvolution(node, value(0), weight(1));
    case 'AddV2':
      // A constant operand is the bias of a depthwise convolution.
      return addition(value(0), values.get(node.input[1]!) ?? perChannel(value(0), weight(1)));
    case 'Relu':
      return ops.relu(value(0));
    case 'Prelu':
      return prelu(value(0), weight(1));
    case 'MaxPool': {
      const kernel = spatial(node.attr['ksize']!.list!.i!);
      return ops.maxPool(value(0), { kernel, ...windowOf(node, value(0), kernel) });
    }
    case 'Pad':
      // How many channels there are then depends on what the value is added to.
      requireChannelPadding(node, weight(1));
      return value(0);
    case 'Reshape': {
      // All but the last axis follow from the size of the picture, of which these networks see one at a time.
      const [last, ...others] = Array.from(weight(1).data as Int32Array).reverse();
      const shape = [...others.map((_, axis) => (axis === 0 ? sizeOf(value(0).shape) / last! : 1)).reverse(), last!];
      return ops.reshape(ops.transpose(value(0), TO_CHANNELS_LAST), shape);
    }
    case 'Sigmoid':
      return ops.sigmoid(value(0));
    case 'Identity':
      return value(0);
    default:
      throw new FormatError(node.name, `the operator ${node.op} cannot be translated`);
  }
}

function fusedConvolution(
  node: TensorflowNode,
  x: Value,
  [kernel, bias, slopes]: (HostTensor | undefined)[],
  widen: boolean,
): Value {
  const [height, width, , outputs] = kernel!.shape as [number, number, number, number];
  const channels = widen ? wholeBlocks(outputs) : outputs;
  const y = ops.convolution(
    x,
    x.graph.constant(widened(permuted(kernel!, [3, 2, 0, 1]), [channels, x.shape[1]!, height, width]), 'kernel'),
    x.graph.constant(widened(bias!, [channels]), 'bias'),
    windowOf(node, x, [height, width]),
  );
  const activation = node.attr['fused_ops']!.list!.s!.map(decodeText)[1];
  switch (activation) {
    case undefined:
      return y;
    case 'Relu':
      return ops.relu(y);
    case 'Prelu':
      return prelu(y, slopes!);
    default:
      throw new FormatError(node.name, `the activation ${activation} cannot be translated`);
  }
}

/** @param kernel [kH, kW, C, 1] */
function depthwiseConvolution(node: TensorflowNode, x: Value, kernel: HostTensor): Value {
  const [height, width] = kernel.shape as [number, number];
  const channels = x.shape[1]!;
  const weights = widened(permuted(kernel, [2, 3, 0, 1]), [channels, 1, height, width]);
  const window = windowOf(node, x, [height, width]);
  return ops.convolution(x, x.graph.constant(weights, 'kernel'), undefined, { ...window, groups: channels });
}

/**
 * x·a + relu(x)·(1 - a), which is x above 0 and a·x below. The slopes run from -1.6 to 1.4 here, so that max(x, a·x)
 * would be wrong; ONNX's PRelu is two to three times slower on the CPU, and WebGPU lacks it.
 */
function prelu(x: Value, slopes: HostTensor): Value {
  const a = widened(slopes, [x.shape[1]!]).data;
  const shape = [1, a.length, 1, 1];
  const below = ops.multiply(x, x.graph.constant(floatTensor(a, shape), 'slopes'));
  const rest = x.graph.constant(floatTensor(a.map((slope) => 1 - slope), shape), 'rest');
  return ops.add(below, ops.multiply(ops.relu(x), rest));
}

/** A bias of x: [C] → [1, C, 1, 1] */
function perChannel(x: Value, bias: HostTensor): Value {
  const channels = x.shape[1]!;
  return x.graph.constant(floatTensor(widened(bias, [channels]).data, [1, channels, 1, 1]), 'bias');
}

/** A sum; an operand with fewer channels than the other is filled up with zeros. */
function addition(a: Value, b: Value): Value {
  const channels = Math.max(a.shape[1]!, b.shape[1]!);
  const filled = (x: Value): Value => (x.shape[1] === channels ? x : padChannels(x, channels));
  return ops.add(filled(a), filled(b));
}

/** Zeros as further channels, by a convolution with the identity: ONNX's Pad is not computed in blocks of channels. */
function padChannels(x: Value, channels: number): Value {
  const given = x.shape[1]!;
  const identity = new Float32Array(channels * given);
  for (let channel = 0; channel < given; channel++) identity[channel * given + channel] = 1;
  return ops.convolution(x, x.graph.constant(floatTensor(identity, [channels, given, 1, 1]), 'identity'), undefined, {});
}

/** Strides and pads; 'SAME' puts the odd pixel at the end, as TensorFlow does. */
function windowOf(node: TensorflowNode, x: Value, kernel: readonly [number, number]) {
  const strides = spatial(node.attr['strides']!.list!.i!);
  if (decodeText(node.attr['padding']!.s!) === 'VALID') return { strides };
  const [top, bottom] = samePads(x.shape[2]!, kernel[0], strides[0]);
  const [left, right] = samePads(x.shape[3]!, kernel[1], strides[1]);
  return { strides, pads: [top, left, bottom, right] as const };
}

function samePads(length: number, kernel: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Paddings of [N, H, W, C], before and after each axis: these networks only add channels at the end. */
function requireChannelPadding(node: TensorflowNode, { data }: HostTensor): void {
  const others = Array.from(data as Int32Array).slice(0, -1);
  if (others.some((count) => count !== 0)) {
    throw new FormatError(node.name, `the padding ${data.join(', ')} cannot be translated`);
  }
}

/** Height and width of a list over [N, H, W, C]. */
function spatial(list: readonly number[]): [number, number] {
  return [list[1]!, list[2]!];
}

/** TensorFlow.js stores texts in base 64. */
function decodeText(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

/** A tensor of four axes with its axes permuted: axis i of the result is axis `order[i]`. */
function permuted(tensor: HostTensor, order: readonly number[]): HostTensor {
  const source = tensor.data as Float32Array;
  const shape = order.map((axis) => tensor.shape[axis]!);
  const strides = order.map((axis) => sizeOf(tensor.shape.slice(axis + 1)));
  const data = new Float32Array(source.length);
  let next = 0;
  for (let a = 0; a < shape[0]!; a++)
    for (let b = 0; b < shape[1]!; b++)
      for (let c = 0; c < shape[2]!; c++)
        for (let d = 0; d < shape[3]!; d++) {
          data[next++] = source[a * strides[0]! + b * strides[1]! + c * strides[2]! + d * strides[3]!]!;
        }
  return floatTensor(data, shape);
}

/** The least number of channels that is not below the given one and makes whole blocks. */
function wholeBlocks(channels: number): number {
  return Math.ceil(channels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
}

/** A tensor with zeros after its values, up to a shape that is as long or longer in its first two axes. */
function widened({ data, shape }: HostTensor, target: readonly number[]) {
  const source = data as Float32Array;
  const wide = new Float32Array(sizeOf(target));
  const row = sizeOf(shape.slice(1));
  const wideRow = sizeOf(target.slice(1));
  for (let index = 0; index < shape[0]!; index++) wide.set(source.subarray(index * row, (index + 1) * row), index * wideRow);
  return floatTensor(wide, target);
}
