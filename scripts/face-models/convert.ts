/** Translates a TensorFlow.js graph (channels last) into one of ours (channels first), operator by operator. */
import { FormatError } from '../../src/base/errors.js';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor, sizeOf } from '../../src/base/tensor.js';
import { Graph } from '../../src/graph/graph.js';
import type { Value } from '../../src/graph/graph.js';
import * as ops from '../../src/graph/operators/index.js';
import type { TensorflowModel, TensorflowNode } from './tensorflow-model.js';

/** Where the axes of a channels-first value stand in the channels-last one: [N, H, W, C] → [N, C, H, W]. */
const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * @param outputs names of our outputs by the names of the model's nodes
 * @returns a graph with the input `images` [1, 3, S, S], in the range that the model was trained for
 */
export function convert({ nodes, weights }: TensorflowModel, outputs: Readonly<Record<string, string>>): Graph {
  const graph = new Graph();
  const values = new Map<string, Value>();
  for (const node of nodes) {
    if (node.op !== 'Const') values.set(node.name, translate(node, graph, values, weights));
  }
  for (const [name, output] of Object.entries(outputs)) graph.output(output, values.get(name)!);
  return graph;
}

function translate(
  node: TensorflowNode,
  graph: Graph,
  values: ReadonlyMap<string, Value>,
  weights: ReadonlyMap<string, HostTensor>,
): Value {
  const value = (index: number): Value => values.get(node.input[index]!)!;
  const weight = (index: number): HostTensor => weights.get(node.input[index]!)!;
  switch (node.op) {
    case 'Placeholder': {
      const [, height, width, channels] = node.attr['shape']!.shape!.dim.map(({ size }) => size);
      return graph.input('images', 'float32', [1, channels!, height!, width!]);
    }
    case '_FusedConv2D':
      return fusedConvolution(node, value(0), [1, 2, 3].map((index) => weights.get(node.input[index]!)));
    case 'DepthwiseConv2dNative':
      return depthwiseConvolution(node, value(0), weight(1));
    case 'AddV2':
      // A constant operand is the bias of a depthwise convolution.
      return ops.add(value(0), values.get(node.input[1]!) ?? perChannel(graph, weight(1)));
    case 'Relu':
      return ops.relu(value(0));
    case 'Prelu':
      return prelu(value(0), weight(1));
    case 'MaxPool': {
      const kernel = spatial(node.attr['ksize']!.list!.i!);
      return ops.maxPool(value(0), { kernel, ...windowOf(node, value(0), kernel) });
    }
    case 'Pad':
      return ops.pad(value(0), channelsFirstPads(weight(1)));
    case 'Reshape': {
      // The batch may not stand in the shape as -1: shapes are static, and these networks see one picture at a time.
      const shape = Array.from(weight(1).data as Int32Array);
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

function fusedConvolution(node: TensorflowNode, x: Value, [kernel, bias, slopes]: (HostTensor | undefined)[]): Value {
  const [height, width] = kernel!.shape as [number, number];
  const y = ops.convolution(
    x,
    x.graph.constant(permuted(kernel!, [3, 2, 0, 1]), 'kernel'),
    x.graph.constant(bias!, 'bias'),
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
  const [height, width, channels] = kernel.shape as [number, number, number];
  const window = windowOf(node, x, [height, width]);
  return ops.convolution(x, x.graph.constant(permuted(kernel, [2, 3, 0, 1]), 'kernel'), undefined, {
    ...window,
    groups: channels,
  });
}

/**
 * x·a + relu(x)·(1 - a), which is x above 0 and a·x below. The slopes run from -1.6 to 1.4 here, so that max(x, a·x)
 * would be wrong; ONNX's PRelu is two to three times slower on the CPU, and WebGPU lacks it.
 */
function prelu(x: Value, slopes: HostTensor): Value {
  const a = slopes.data as Float32Array;
  const shape = [1, a.length, 1, 1];
  const below = ops.multiply(x, x.graph.constant(floatTensor(a, shape), 'slopes'));
  const rest = x.graph.constant(floatTensor(a.map((slope) => 1 - slope), shape), 'rest');
  return ops.add(below, ops.multiply(ops.relu(x), rest));
}

/** [C] → [1, C, 1, 1] */
function perChannel(graph: Graph, { data }: HostTensor): Value {
  return graph.constant(floatTensor(data as Float32Array, [1, data.length, 1, 1]), 'bias');
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

/** [N, H, W, C] pairs of (before, after) → ONNX's starts and ends of [N, C, H, W]. */
function channelsFirstPads({ data }: HostTensor): number[] {
  const pairs = data as Int32Array;
  return [0, 1].flatMap((end) => TO_CHANNELS_FIRST.map((axis) => pairs[2 * axis + end]!));
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
