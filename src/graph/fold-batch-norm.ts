/** Batch normalisation with constant statistics, absorbed by the convolution next to it; and how that is undone. */
import type { HostTensor } from '../base/tensor.js';
import { floatAttribute } from './application.js';
import type { Node, Value } from './graph.js';
import { convolution, windowOf } from './operators/index.js';
import type { RewriteContext, RewriteRule } from './rewrite.js';

/** Batch normalisation as x · scale + shift, channel by channel. */
export interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** What batch normalisation computes with. */
export interface NormStatistics {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/** Kernel [O, I, kH, kW] and bias [O] of a convolution. */
export interface ConvolutionWeights {
  readonly kernel: HostTensor<'float32'>;
  readonly bias: Float32Array;
}

/** A batch normalisation that was folded. */
export interface BatchNormFold {
  /** Of the old graph. */
  readonly norm: Node;
  /** Of the old graph: the convolution that absorbed it. */
  readonly conv: Node;
  /** Whether the convolution is normalised by it at its input or at its output. */
  readonly side: 'input' | 'output';
  readonly statistics: NormStatistics;
  /** Of the new graph. */
  readonly kernel: Value;
  readonly bias: Value;
}

/**
 * Folds batch normalisation with constant statistics into the convolution next to it: one that follows and pads
 * nothing, or one that precedes. Either way one affine map of the channels is absorbed by kernel and bias.
 */
export const foldBatchNorm: RewriteRule = foldingBatchNorm(() => undefined);

/** As {@link foldBatchNorm}. @param note is told of each fold, also of those that the new graph in the end does not use */
export function foldingBatchNorm(note: (fold: BatchNormFold) => void): RewriteRule {
  return (node, context) => intoFollowing(node, context, note) ?? intoPreceding(node, context, note);
}

type Note = (fold: BatchNormFold) => void;

function intoFollowing(node: Node, { mapped, uses }: RewriteContext, note: Note): readonly Value[] | undefined {
  const norm = node.inputs[0]?.producer;
  if (node.operator !== 'Conv' || norm?.operator !== 'BatchNormalization') return undefined;
  const statistics = statisticsOf(norm);
  const parts = constantsOf(node);
  const padded = windowOf(node).pads.some((length) => length > 0);
  if (!statistics || !parts || padded || parts.groups !== 1 || uses(norm.outputs[0]!) !== 1) return undefined;
  return withFold(mapped(norm.inputs[0]!), { norm, conv: node, side: 'input', statistics }, parts, note);
}

function intoPreceding(node: Node, { mapped, uses }: RewriteContext, note: Note): readonly Value[] | undefined {
  const conv = node.inputs[0]?.producer;
  if (node.operator !== 'BatchNormalization' || conv?.operator !== 'Conv' || uses(conv.outputs[0]!) !== 1) return undefined;
  const statistics = statisticsOf(node);
  const parts = constantsOf(conv);
  if (!statistics || !parts) return undefined;
  return withFold(mapped(conv.inputs[0]!), { norm: node, conv, side: 'output', statistics }, parts, note);
}

/** Weights that do to what a convolution is given, or gives, what a batch normalisation there would. */
function folded({ kernel, bias }: ConvolutionWeights, { scale, shift }: Affine, side: BatchNormFold['side']): ConvolutionWeights {
  const { area, perOutput } = strideOf(kernel);
  if (side === 'output') {
    return {
      kernel: { ...kernel, data: kernel.data.map((weight, i) => weight * scale[Math.floor(i / perOutput)]!) },
      bias: bias.map((value, output) => value * scale[output]! + shift[output]!),
    };
  }
  const channelOf = (i: number): number => Math.floor((i % perOutput) / area);
  return {
    kernel: { ...kernel, data: kernel.data.map((weight, i) => weight * scale[channelOf(i)]!) },
    bias: bias.map((value, output) => value + shiftedBy(kernel, shift, output)),
  };
}

/**
 * The weights of a convolution before a batch normalisation was folded into it: the inverse of {@link foldBatchNorm}, up to
 * rounding. Where a channel is scaled by 0, which loses its weights, they come out as 0.
 */
export function unfolded(
  { kernel, bias }: ConvolutionWeights,
  statistics: NormStatistics,
  side: BatchNormFold['side'],
): ConvolutionWeights {
  const { scale, shift } = affineOf(statistics);
  const { area, perOutput } = strideOf(kernel);
  const inverse = scale.map((value) => (value === 0 ? 0 : 1 / value));
  if (side === 'output') {
    return {
      kernel: { ...kernel, data: kernel.data.map((weight, i) => weight * inverse[Math.floor(i / perOutput)]!) },
      bias: bias.map((value, output) => (value - shift[output]!) * inverse[output]!),
    };
  }
  const channelOf = (i: number): number => Math.floor((i % perOutput) / area);
  const before = { ...kernel, data: kernel.data.map((weight, i) => weight * inverse[channelOf(i)]!) };
  return { kernel: before, bias: bias.map((value, output) => value - shiftedBy(before, shift, output)) };
}

/** What one output of a convolution makes of a constant in each channel of its input. */
function shiftedBy(kernel: HostTensor<'float32'>, shift: Float32Array, output: number): number {
  const { area, perOutput } = strideOf(kernel);
  let sum = 0;
  for (let i = 0; i < perOutput; i++) sum += kernel.data[output * perOutput + i]! * shift[Math.floor(i / area)]!;
  return sum;
}

/** Weights of a kernel for each pair of channels, and for each channel that comes out. */
function strideOf({ shape }: HostTensor): { area: number; perOutput: number } {
  const [, channels, height, width] = shape as [number, number, number, number];
  return { area: height * width, perOutput: channels * height * width };
}

function affineOf({ gamma, beta, mean, variance, epsilon }: NormStatistics): Affine {
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  return { scale, shift: beta.map((value, i) => value - mean[i]! * scale[i]!) };
}

/** What a batch normalisation computes with, if that is constant. */
function statisticsOf(norm: Node): NormStatistics | undefined {
  const [gamma, beta, mean, variance] = norm.inputs.slice(1).map((value) => floatsOf(value)?.data);
  if (!gamma || !beta || !mean || !variance) return undefined;
  return { gamma, beta, mean, variance, epsilon: floatAttribute(norm.attributes, 'epsilon', 1e-5) };
}

function constantsOf(conv: Node) {
  const kernel = floatsOf(conv.inputs[1]);
  const bias = floatsOf(conv.inputs[2])?.data;
  if (!kernel || (conv.inputs[2] && !bias)) return undefined;
  return { kernel, bias: bias ?? new Float32Array(kernel.shape[0]!), groups: groupsOf(conv) };
}

function groupsOf({ attributes }: Node): number {
  return (attributes['group'] as number | undefined) ?? 1;
}

function floatsOf(value: Value | undefined): HostTensor<'float32'> | undefined {
  return value?.constant?.type === 'float32' ? (value.constant as HostTensor<'float32'>) : undefined;
}

/** The convolution in the new graph. @param x its input there */
function withFold(
  x: Value,
  fold: Omit<BatchNormFold, 'kernel' | 'bias'>,
  weights: ConvolutionWeights,
  note: Note,
): readonly Value[] {
  const { graph } = x;
  const { conv, side, statistics } = fold;
  const after = folded(weights, affineOf(statistics), side);
  const kernel = graph.constant(after.kernel, 'folded_kernel');
  const bias = graph.constant({ type: 'float32', data: after.bias, shape: [after.bias.length] }, 'folded_bias');
  note({ ...fold, kernel, bias });
  const { strides, pads, dilations } = windowOf(conv);
  return [graph.scope(conv.name, () => convolution(x, kernel, bias, { strides, pads, dilations, groups: groupsOf(conv) }))];
}
