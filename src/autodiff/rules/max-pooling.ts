/** The gradient of max-pooling where positions of maxima are not to be had: found by comparing. */
import type { Node, Value } from '../../graph/graph.js';
import { add, concatenate, equal, expand, pad, reshape, slice, subtract, where, windowOf } from '../../graph/operators/index.js';
import { inputOf } from '../rule.js';
import type { WindowGrid } from '../window-slice.js';
import { offsetsOf, windowSlice } from '../window-slice.js';

/** Lower than any number that a network computes; infinity is no number to shaders. */
const LOWEST = -3.4028234663852886e38;

/**
 * Each offset of the window, row by row, takes what is left of the gradients of those windows whose maximum it holds, so
 * that the first of equal maxima gets it. Offsets that fall on pixels of the same phase, by the stride, are added up at the
 * size of the output; the phases are then interleaved to the size of the input.
 */
export function maxPoolGradientByComparison(node: Node, dy: Value): Value {
  const x = inputOf(node, 0);
  const [, , height, width] = x.shape as [number, number, number, number];
  const { pads, strides, dilations } = windowOf(node);
  const [kernelHeight, kernelWidth] = node.attributes['kernel_shape'] as [number, number];
  const [, , outputHeight, outputWidth] = dy.shape as [number, number, number, number];
  const grid = { strides, dilations, kernelHeight, kernelWidth, outputHeight, outputWidth };

  const isPadded = pads.some((count) => count > 0);
  const padded = isPadded ? pad(x, [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]], LOWEST) : x;
  const y = node.outputs[0]!;
  let left = dy;
  const shares = offsetsOf(grid).map((offset) => {
    const share = where(equal(windowSlice(padded, offset, grid, 2), y), left, 0);
    left = subtract(left, share);
    return { offset, share };
  });
  const whole = interleaved(phaseSums(shares, padded.shape, grid));
  return slice(whole, [
    { axis: 2, start: pads[0], end: pads[0] + height },
    { axis: 3, start: pads[1], end: pads[1] + width },
  ]);
}

interface Share {
  readonly offset: readonly [number, number];
  /** [N, C, oH, oW] */
  readonly share: Value;
}

/** For each phase of rows and of columns, what its pixels get: [N, C, ⌈H / stride⌉, ⌈W / stride⌉]. */
function phaseSums(shares: readonly Share[], paddedShape: readonly number[], { strides, outputHeight, outputWidth }: WindowGrid): Value[][] {
  const [batch, channels, height, width] = paddedShape as [number, number, number, number];
  const size = [Math.ceil(height / strides[0]), Math.ceil(width / strides[1])] as const;
  const zeros = (graph: Value['graph']) => expand(graph.scalar(0), [batch, channels, ...size]);
  return Array.from({ length: strides[0] }, (_, rowPhase) =>
    Array.from({ length: strides[1] }, (__, columnPhase) => {
      const own = shares.filter(({ offset: [row, column] }) => row % strides[0] === rowPhase && column % strides[1] === columnPhase);
      const placed = own.map(({ offset, share }) => {
        const [top, before] = [Math.floor(offset[0] / strides[0]), Math.floor(offset[1] / strides[1])];
        return pad(share, [0, 0, top, before, 0, 0, size[0] - top - outputHeight, size[1] - before - outputWidth]);
      });
      return placed.length === 0 ? zeros(shares[0]!.share.graph) : placed.reduce((sum, value) => add(sum, value));
    }),
  );
}

/** Puts pixel (i, j) of phase (a, b) at (i · stride + a, j · stride + b). */
function interleaved(phases: readonly (readonly Value[])[]): Value {
  const join = (parts: readonly Value[], axis: 2 | 3): Value => {
    const [first] = parts as [Value];
    if (parts.length === 1) return first;
    const { shape } = first;
    const apart = parts.map((part) => reshape(part, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]));
    return reshape(concatenate(apart as [Value, ...Value[]], axis + 1), shape.with(axis, shape[axis]! * parts.length));
  };
  return join(phases.map((columns) => join(columns, 3)), 2);
}
