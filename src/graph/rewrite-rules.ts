import type { HostTensor } from '../base/tensor.js';
import { sizeOf } from '../base/tensor.js';
import type { Node, Value } from './graph.js';
import { concatenate, convolution, relu, split, windowOf } from './operators/index.js';
import { floatAttribute } from './application.js';
import type { RewriteRule } from './rewrite.js';

/**
 * max-pool(ReLU(x)) = ReLU(max-pool(x)): a maximum commutes with a monotonic function. Pooling first leaves the ReLU, its
 * gradient and the memory of both smaller by the stride squared. Not where the positions of the maxima are wanted: ReLU
 * makes equal zeros, of which the first counts.
 */
export const poolBeforeRelu: RewriteRule = (node, { mapped, uses }) => {
  const activation = node.inputs[0]?.producer;
  if (node.operator !== 'MaxPool' || activation?.operator !== 'Relu' || uses(activation.outputs[0]!) !== 1) return;
  if (uses(node.outputs[1]!) > 0) return;
  const x = mapped(activation.inputs[0]!);
  return [x.graph.scope(node.name, () => relu(x.graph.apply('MaxPool', [x], node.attributes)[0]))];
};

/** Largest output of a convolution, in bytes, that `poolInChunks` lets stand in one piece. */
const CHUNK_BYTES = 50e6;

/**
 * Runs a convolution and the max-pooling after it for a few pictures at a time, so that the large map between them, and
 * its gradient, never exist for the whole batch: at batch 50 and 227×227 pixels the report's first one takes 0.94 GB.
 */
export const poolInChunks: RewriteRule = (node, { mapped, uses }) => {
  const conv = node.inputs[0]?.producer;
  if (node.operator !== 'MaxPool' || conv?.operator !== 'Conv' || uses(conv.outputs[0]!) !== 1) return;
  const { shape } = conv.outputs[0]!;
  const batch = shape[0]!;
  const chunks = Math.min(batch, Math.ceil((4 * sizeOf(shape)) / CHUNK_BYTES));
  if (chunks === 1) return;
  const lengths = Array.from({ length: chunks }, (_, index) => Math.floor((batch + index) / chunks));
  const [x, ...parameters] = conv.inputs.map((value) => value && mapped(value)) as [Value, Value, Value | undefined];
  const { graph } = x;
  const pooled = split(x, 0, lengths).map((part) => {
    const [y] = graph.scope(conv.name, () => graph.apply('Conv', [part, ...parameters], conv.attributes));
    return graph.scope(node.name, () => graph.apply('MaxPool', [y], node.attributes))[0];
  });
  return [concatenate(pooled as [Value, ...Value[]], 0)];
};

/**
 * Folds batch normalisation with constant statistics into the convolution next to it: one that follows and pads
 * nothing, or one that precedes. Either way one affine map of the channels is absorbed by kernel and bias.
 */
export const foldBatchNorm: RewriteRule = (node, context) =>
  foldIntoFollowing(node, context) ?? foldIntoPreceding(node, context);

const foldIntoFollowing: RewriteRule = (node, { mapped, uses }) => {
  const norm = node.inputs[0]?.producer;
  if (node.operator !== 'Conv' || norm?.operator !== 'BatchNormalization') return;
  const affine = affineOf(norm);
  const parts = constantsOf(node);
  const padded = windowOf(node).pads.some((length) => length > 0);
  if (!affine || !parts || padded || parts.groups !== 1 || uses(norm.outputs[0]!) !== 1) return;
  const [outputs, channels, height, width] = parts.kernel.shape as [number, number, number, number];
  const area = height * width;
  const kernel = new Float32Array(parts.kernel.data.length);
  const bias = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    let shift = parts.bias?.data[output] ?? 0;
    for (let channel = 0; channel < channels; channel++) {
      const start = (output * channels + channel) * area;
      for (let i = start; i < start + area; i++) {
        kernel[i] = parts.kernel.data[i]! * affine.scale[channel]!;
        shift += parts.kernel.data[i]! * affine.shift[channel]!;
      }
    }
    bias[output] = shift;
  }
  return [withConstants(node, mapped(norm.inputs[0]!), { ...parts.kernel, data: kernel }, bias)];
};

const foldIntoPreceding: RewriteRule = (node, { mapped, uses }) => {
  const conv = node.inputs[0]?.producer;
  if (node.operator !== 'BatchNormalization' || conv?.operator !== 'Conv' || uses(conv.outputs[0]!) !== 1) return;
  const affine = affineOf(node);
  const parts = constantsOf(conv);
  if (!affine || !parts) return;
  const perOutput = parts.kernel.data.length / affine.scale.length;
  const kernel = parts.kernel.data.map((weight, i) => weight * affine.scale[Math.floor(i / perOutput)]!);
  const bias = affine.scale.map((scale, output) => (parts.bias?.data[output] ?? 0) * scale + affine.shift[output]!);
  return [withConstants(conv, mapped(conv.inputs[0]!), { ...parts.kernel, data: kernel }, bias)];
};

/** Batch normalisation as x · scale + shift, if its statistics are constants. */
function affineOf(norm: Node): { scale: Float32Array; shift: Float32Array } | undefined {
  const [gamma, beta, mean, variance] = norm.inputs.slice(1).map(floatsOf);
  if (!gamma || !beta || !mean || !variance) return;
  const epsilon = floatAttribute(norm.attributes, 'epsilon', 1e-5);
  const scale = gamma.data.map((value, i) => value / Math.sqrt(variance.data[i]! + epsilon));
  const shift = beta.data.map((value, i) => value - mean.data[i]! * scale[i]!);
  return { scale, shift };
}

function constantsOf(conv: Node) {
  const kernel = floatsOf(conv.inputs[1]);
  const bias = floatsOf(conv.inputs[2]);
  if (!kernel || (conv.inputs[2] && !bias)) return;
  return { kernel, bias, groups: (conv.attributes['group'] as number | undefined) ?? 1 };
}

function floatsOf(value: Value | undefined): HostTensor<'float32'> | undefined {
  return value?.constant?.type === 'float32' ? (value.constant as HostTensor<'float32'>) : undefined;
}

function withConstants(conv: Node, x: Value, kernel: HostTensor<'float32'>, bias: Float32Array): Value {
  const { graph } = x;
  const { strides, pads, dilations } = windowOf(conv);
  const groups = (conv.attributes['group'] as number | undefined) ?? 1;
  return graph.scope(conv.name, () =>
    convolution(
      x,
      graph.constant(kernel, 'folded_kernel'),
      graph.constant({ type: 'float32', data: bias, shape: [bias.length] }, 'folded_bias'),
      { strides, pads, dilations, groups },
    ),
  );
}
