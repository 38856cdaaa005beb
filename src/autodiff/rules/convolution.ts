import type { Capabilities } from '../../graph/capabilities.js';
import type { Node, Value } from '../../graph/graph.js';
import {
  concatenate,
  convolution,
  matrixProduct,
  pad,
  reduceSum,
  reshape,
  reverse,
  transpose,
  transposedConvolution,
  windowOf,
} from '../../graph/operators/index.js';
import type { GradientRule } from '../rule.js';
import { inputOf } from '../rule.js';
import { offsetsOf, windowSlice } from '../window-slice.js';

/** The unpacked geometry of a convolution node. */
function geometry(node: Node) {
  const [batch, channels, height, width] = inputOf(node, 0).shape as [number, number, number, number];
  const [outputChannels, groupChannels, kernelHeight, kernelWidth] = inputOf(node, 1).shape as [number, number, number, number];
  const [, , outputHeight, outputWidth] = node.outputs[0]!.shape as [number, number, number, number];
  const groups = (node.attributes['group'] as number | undefined) ?? 1;
  return {
    ...windowOf(node),
    ...{ batch, channels, height, width, groups },
    ...{ outputChannels, groupChannels, kernelHeight, kernelWidth, outputHeight, outputWidth },
  };
}

/**
 * Gradient of the input. At stride 1 it is a plain convolution of dY with the kernel transposed and reversed, which
 * runs faster than ONNX Runtime's ConvTranspose; otherwise that operator is used.
 */
function inputGradient(node: Node, dy: Value): Value {
  const { strides, pads, dilations, groups, height, width, kernelHeight, kernelWidth } = geometry(node);
  const kernel = inputOf(node, 1);
  const extents = [(kernelHeight - 1) * dilations[0], (kernelWidth - 1) * dilations[1]] as const;
  const outerPads = [extents[0] - pads[0], extents[1] - pads[1], extents[0] - pads[2], extents[1] - pads[3]] as const;
  if (groups === 1 && strides[0] === 1 && strides[1] === 1 && outerPads.every((count) => count >= 0)) {
    return convolution(dy, reverse(transpose(kernel, [1, 0, 2, 3]), [2, 3]), undefined, { pads: outerPads, dilations });
  }
  const reached = ([0, 1] as const).map(
    (axis) => (dy.shape[axis + 2]! - 1) * strides[axis] + extents[axis] + 1 - pads[axis] - pads[axis + 2]!,
  ) as [number, number];
  const outputPadding = [height - reached[0], width - reached[1]] as const;
  return transposedConvolution(dy, kernel, { strides, pads, dilations, groups, outputPadding });
}

/**
 * Gradient of the kernel [O, C/groups, kH, kW]. For each offset of the kernel, the pixels that it met form a matrix
 * [N, C, oH·oW]; dY times its transpose, summed over the batch, is that offset's slice of the gradient. With few
 * channels those products would be too thin to be fast, so all offsets are joined into one.
 *
 * Where products cannot transpose as they read, channels come last before anything is sliced: one transposition instead of
 * one for each offset.
 */
function kernelGradient(node: Node, dy: Value, { operators }: Capabilities): Value {
  const g = geometry(node);
  const channelsLast = g.groups === 1 && !operators.has('FusedMatMul');
  const x = inputOf(node, 0);
  const padded = g.pads.some((count) => count > 0)
    ? pad(x, [0, 0, g.pads[0], g.pads[1], 0, 0, g.pads[2], g.pads[3]])
    : x;
  const source = channelsLast ? transpose(padded, [0, 2, 3, 1]) : padded;
  const positions = g.outputHeight * g.outputWidth;
  const groupOutputs = g.outputChannels / g.groups;
  const grouped = (value: Value, channels: number) =>
    reshape(value, g.groups === 1 ? [g.batch, channels, positions] : [g.batch, g.groups, channels, positions]);
  const slices = offsetsOf(g).map(([top, left]) => {
    const pixels = windowSlice(source, [top, left], g, channelsLast ? 1 : 2);
    return channelsLast ? reshape(pixels, [g.batch, positions, g.channels]) : grouped(pixels, g.groupChannels);
  });

  const dyMatrix = grouped(dy, groupOutputs);
  const times = (pixels: Value) => reduceSum(matrixProduct(dyMatrix, pixels, { transposeB: !channelsLast }), { axes: [0] });
  const offsets = slices.length;
  const leading = g.groups === 1 ? [] : [g.groups];
  const channelAxis = leading.length;
  // Both ways end as [(groups,) O/groups, offsets, C/groups], with the last two axes then exchanged.
  const byOffset =
    g.groupChannels < FEW_CHANNELS
      ? reshape(times(concatenate(slices as [Value, ...Value[]], channelsLast ? 2 : channelAxis + 1)), [
          ...leading,
          groupOutputs,
          offsets,
          g.groupChannels,
        ])
      : concatenate(
          slices.map((pixels) => reshape(times(pixels), [...leading, groupOutputs, 1, g.groupChannels])) as [Value, ...Value[]],
          channelAxis + 1,
        );
  const order = [...leading.keys(), channelAxis, channelAxis + 2, channelAxis + 1];
  return reshape(transpose(byOffset, order), inputOf(node, 1).shape);
}

/** Below this number of channels, the offsets of a kernel are joined into one product. */
const FEW_CHANNELS = 16;

/** Convolution (Conv): gradients of input, kernel and bias. */
export const convolutionGradients: Readonly<Record<string, GradientRule>> = {
  Conv: (node, dy, wanted, _all, capabilities) => [
    wanted[0] ? inputGradient(node, dy) : undefined,
    wanted[1] ? kernelGradient(node, dy, capabilities) : undefined,
    wanted[2] ? reduceSum(dy, { axes: [0, 2, 3] }) : undefined,
  ],
};
