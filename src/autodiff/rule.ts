import type { Capabilities } from '../graph/capabilities.js';
import type { Node, Value } from '../graph/graph.js';
import { reduceSum, reshape } from '../graph/operators/index.js';

/**
 * The backward step of one operator: from the gradient of the loss with respect to the outputs of a node, the gradients
 * with respect to its inputs.
 * @param outputGradient of the first output that the loss depends on: for most operators, of their only one
 * @param wanted for each input, whether its gradient is asked for; a rule should not build what nobody asked for
 * @param outputGradients of all outputs; undefined where the loss does not depend on one
 * @param capabilities of what will compute the graph: a rule that knows several ways takes the one that is best there
 * @returns for each input a gradient of that input's shape, or undefined
 */
export type GradientRule = (
  node: Node,
  outputGradient: Value,
  wanted: readonly boolean[],
  outputGradients: readonly (Value | undefined)[],
  capabilities: Capabilities,
) => readonly (Value | undefined)[];

/** The input at a position, which the graph's own checks have proved to be there. */
export function inputOf(node: Node, index: number): Value {
  return node.inputs[index]!;
}

/** Undoes broadcasting: sums a gradient over the axes along which an operand of `shape` was stretched. */
export function sumToShape(gradient: Value, shape: readonly number[]): Value {
  const added = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((length, axis) =>
    axis < added || (shape[axis - added] === 1 && length !== 1) ? [axis] : [],
  );
  if (axes.length === 0) return gradient;
  const summed = reduceSum(gradient, { axes, keepAxes: true });
  return added === 0 ? summed : reshape(summed, shape);
}
