import type { Value } from '../../graph/graph.js';
import { concatenate, expand, pad, reshape, reverse, slice, slicedRange } from '../../graph/operators/index.js';
import { integerAttribute } from '../../graph/application.js';
import type { GradientRule } from '../rule.js';
import { inputOf } from '../rule.js';

/** Puts `step − 1` zeros after each element of an axis, the last one included. */
function spread(x: Value, axis: number, step: number): Value {
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const length = x.shape[axis]!;
  const column = reshape(x, [...before, length, 1, ...after]);
  const zeros = expand(x.graph.scalar(0), [...before, length, step - 1, ...after]);
  return reshape(concatenate([column, zeros], axis + 1), [...before, length * step, ...after]);
}

/** Zeros everywhere but at the positions that the slice took. */
const sliceGradient: GradientRule = (node, dy) => {
  const x = inputOf(node, 0);
  const [starts, ends, axes, steps] = node.inputs
    .slice(1)
    .map((value) => Array.from(value!.constant!.data as BigInt64Array, Number)) as [number[], number[], number[], number[]];
  let gradient = dy;
  axes.forEach((givenAxis, i) => {
    const axis = givenAxis < 0 ? givenAxis + x.shape.length : givenAxis;
    const length = x.shape[axis]!;
    const { first, count } = slicedRange(length, starts[i]!, ends[i]!, steps[i]!);
    const step = Math.abs(steps[i]!);
    const extent = (count - 1) * step + 1;
    if (steps[i]! < 0) gradient = reverse(gradient, [axis]);
    if (step > 1) gradient = slice(spread(gradient, axis, step), [{ axis, start: 0, end: extent }]);
    const lowest = steps[i]! > 0 ? first : first - extent + 1;
    const pads = new Array<number>(2 * x.shape.length).fill(0);
    pads[axis] = lowest;
    pads[axis + x.shape.length] = length - lowest - extent;
    if (pads.some((width) => width > 0)) gradient = pad(gradient, pads);
  });
  return [gradient];
};

/** The parts' gradients joined again, zeros for parts that are not used. */
const splitGradient: GradientRule = (node, _dy, _wanted, outputGradients) => {
  const { graph } = inputOf(node, 0);
  const parts = node.outputs.map((output, index) => outputGradients[index] ?? expand(graph.scalar(0), output.shape));
  return [concatenate(parts as [Value, ...Value[]], integerAttribute(node.attributes, 'axis', 0))];
};

export const indexingGradients: Readonly<Record<string, GradientRule>> = { Slice: sliceGradient, Split: splitGradient };
