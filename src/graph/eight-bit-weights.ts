/** Weights as whole numbers of 8 bits, with a scale for each output channel: a quarter of the size. */
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import { cast, multiply, subtract } from './operators/index.js';
import type { RewriteRule } from './rewrite.js';

/** Weights with fewer elements stay as they are: they take no space. */
const LEAST_ELEMENTS = 1024;

/** What stands for a weight of 0, and the largest distance from it. */
const [ZERO, MOST] = [128, 127];

/** Name of the scales of a weight. */
export const scaleName = (weight: string): string => `${weight} scale`;

/**
 * Keeps the weights of convolutions and dense layers as bytes: w ≈ (byte − 128) · scale, with the scale of each output channel
 * such that its largest weight is 127 steps from 0. Arithmetic stays float32: ONNX Runtime works the product out once, when it
 * loads the file.
 */
export const eightBitWeights: RewriteRule = (node, { mapped }) => {
  const weight = node.inputs[1];
  const axis = { Conv: 0, Gemm: 1, MatMul: 1 }[node.operator];
  if (axis === undefined || weight?.constant === undefined || sizeOf(weight.shape) < LEAST_ELEMENTS) return;
  const { bytes, scales } = toBytes(weight.constant as HostTensor<'float32'>, axis);
  const x = mapped(node.inputs[0]!);
  const { graph } = x;
  const whole = graph.constant(bytes, weight.name);
  const kernel = graph.scope(node.name, () =>
    multiply(subtract(cast(whole, 'float32'), ZERO), graph.constant(scales, scaleName(weight.name))),
  );
  const others = node.inputs.slice(2).map((input) => input && mapped(input));
  return graph.append({ ...node, inputs: [x, kernel, ...others] }, node.outputs);
};

/** @param axis that of the output channels */
function toBytes({ data, shape }: HostTensor<'float32'>, axis: number) {
  const inner = sizeOf(shape.slice(axis + 1));
  const channels = shape[axis]!;
  const channelOf = (index: number): number => Math.floor(index / inner) % channels;
  const largest = new Float32Array(channels);
  data.forEach((value, index) => (largest[channelOf(index)] = Math.max(largest[channelOf(index)]!, Math.abs(value))));
  const scales = largest.map((value) => (value === 0 ? 1 : value / MOST));
  const bytes = Uint8Array.from(data, (value, index) => Math.round(value / scales[channelOf(index)]!) + ZERO);
  const broadcastShape = shape.map((length, place) => (place === axis ? length : 1));
  return { bytes: { type: 'uint8', data: bytes, shape } as const, scales: floatTensor(scales, broadcastShape) };
}

/** Whether scales have the rank of the bytes, and their length along one axis at most. */
export function isScaleOf(scales: HostTensor, bytes: HostTensor): boolean {
  const isBroadcast = scales.shape.length === bytes.shape.length && scales.shape.every((length, axis) => length === 1 || length === bytes.shape[axis]);
  return isBroadcast && scales.shape.filter((length) => length > 1).length <= 1;
}

/**
 * The weight that bytes and scales stand for.
 * @param scales of the same rank as the bytes, of length 1 along all axes but that of the output channels
 */
export function fromBytes({ data, shape }: HostTensor<'uint8'>, scales: HostTensor<'float32'>): HostTensor<'float32'> {
  const axis = Math.max(0, scales.shape.findIndex((length) => length > 1));
  const inner = sizeOf(shape.slice(axis + 1));
  const scaleOf = (index: number): number => scales.data[Math.floor(index / inner) % scales.data.length]!;
  return floatTensor(Float32Array.from(data, (value, index) => (value - ZERO) * scaleOf(index)), shape);
}
