import { sizeOf } from '../../base/tensor.js';
import type { Node, Value } from '../../graph/graph.js';
import {
  divide,
  expand,
  multiply,
  reshape,
  scatterAdd,
  transposedConvolution,
  windowOf,
} from '../../graph/operators/index.js';
import type { GradientRule } from '../rule.js';
import { inputOf } from '../rule.js';
import { maxPoolGradientByComparison } from './max-pooling.js';

/** The gradient of each window goes to the position of its maximum (the first one, where several are equal). */
const maxPoolGradient: GradientRule = (node, dy, _wanted, _all, { operators }) => {
  if (!operators.has('ScatterElements')) return [maxPoolGradientByComparison(node, dy)];
  const x = inputOf(node, 0);
  const positions = node.outputs[1]!;
  const zeros = expand(x.graph.scalar(0), [sizeOf(x.shape)]);
  const scattered = scatterAdd(zeros, reshape(positions, [-1]), reshape(dy, [-1]));
  return [reshape(scattered, x.shape)];
};

/** How many elements the mean of each window is taken over: [1, 1, oH, oW]. */
function windowCounts(node: Node): Value {
  const x = inputOf(node, 0);
  const [, , outputHeight, outputWidth] = node.outputs[0]!.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = node.attributes['kernel_shape'] as [number, number];
  const { strides, pads, dilations } = windowOf(node);
  const inside = (output: number, kernel: number, length: number, axis: 0 | 1) =>
    Array.from({ length: kernel }, (_, k) => output * strides[axis] + k * dilations[axis] - pads[axis]).filter(
      (position) => position >= 0 && position < length,
    ).length;
  const counts = new Float32Array(outputHeight * outputWidth);
  for (let row = 0; row < outputHeight; row++) {
    for (let column = 0; column < outputWidth; column++) {
      counts[row * outputWidth + column] =
        node.attributes['count_include_pad'] === 1
          ? kernelHeight * kernelWidth
          : inside(row, kernelHeight, x.shape[2]!, 0) * inside(column, kernelWidth, x.shape[3]!, 1);
    }
  }
  return x.graph.constant({ type: 'float32', data: counts, shape: [1, 1, outputHeight, outputWidth] }, 'window_counts');
}

/** Each window spreads its share evenly: a transposed convolution of every channel with a kernel of ones. */
const averagePoolGradient: GradientRule = (node, dy) => {
  const x = inputOf(node, 0);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [, , outputHeight, outputWidth] = dy.shape as [number, number, number, number];
  const kernel = node.attributes['kernel_shape'] as [number, number];
  const { strides, pads, dilations } = windowOf(node);
  const ones = x.graph.constant(
    { type: 'float32', data: new Float32Array(sizeOf(kernel)).fill(1), shape: [1, 1, ...kernel] },
    'ones',
  );
  const reached = (axis: 0 | 1) =>
    (dy.shape[axis + 2]! - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - pads[axis] - pads[axis + 2]!;
  const outputPadding = [height - reached(0), width - reached(1)] as const;
  const planes = reshape(divide(dy, windowCounts(node)), [batch * channels, 1, outputHeight, outputWidth]);
  return [reshape(transposedConvolution(planes, ones, { strides, pads, dilations, outputPadding }), x.shape)];
};

const globalAveragePoolGradient: GradientRule = (node, dy) => {
  const x = inputOf(node, 0);
  return [expand(multiply(dy, 1 / sizeOf(x.shape.slice(2))), x.shape)];
};

export const poolingGradients: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPoolGradient,
  AveragePool: averagePoolGradient,
  GlobalAveragePool: globalAveragePoolGradient,
};
