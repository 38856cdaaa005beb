import type { Node, Value } from '../../graph/graph.js';
import { cast, divide, equal, expand, multiply, reduceSum, reshape } from '../../graph/operators/index.js';
import { sizeOf } from '../../base/tensor.js';
import type { GradientRule } from '../rule.js';
import { inputOf } from '../rule.js';

/** The shape of a reduction's result with the reduced axes kept at length 1. */
function keptShape(node: Node): number[] {
  const x = inputOf(node, 0);
  const axes = node.inputs[1]?.constant
    ? Array.from(node.inputs[1].constant.data as BigInt64Array, Number).map((axis) => (axis < 0 ? axis + x.shape.length : axis))
    : x.shape.map((_, axis) => axis);
  return x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** The output or its gradient, shaped so that it broadcasts against the input. */
function aligned(node: Node, value: Value): Value {
  return reshape(value, keptShape(node));
}

export const reductionGradients: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (node, dy) => [expand(aligned(node, dy), inputOf(node, 0).shape)],
  ReduceMean: (node, dy) => {
    const x = inputOf(node, 0);
    const count = sizeOf(x.shape) / sizeOf(keptShape(node));
    return [expand(divide(aligned(node, dy), count), x.shape)];
  },
  ReduceSumSquare: (node, dy) => [multiply(multiply(aligned(node, dy), 2), inputOf(node, 0))],
  /** Equal maxima share the gradient. */
  ReduceMax: (node, dy) => {
    const x = inputOf(node, 0);
    const isMaximum = cast(equal(x, aligned(node, node.outputs[0]!)), 'float32');
    const axes = keptShape(node).flatMap((length, axis) => (length !== x.shape[axis] ? [axis] : []));
    const count = axes.length === 0 ? undefined : reduceSum(isMaximum, { axes, keepAxes: true });
    const share = count ? divide(aligned(node, dy), count) : aligned(node, dy);
    return [multiply(share, isMaximum)];
  },
};
