import { pad, reshape, slice, transpose } from '../../graph/operators/index.js';
import type { GradientRule } from '../rule.js';
import { inputOf, sumToShape } from '../rule.js';

const toInputShape: GradientRule = (node, dy) => [reshape(dy, inputOf(node, 0).shape)];

export const layoutGradients: Readonly<Record<string, GradientRule>> = {
  Reshape: toInputShape,
  Flatten: toInputShape,
  Transpose: (node, dy) => {
    const order = node.attributes['perm'] as readonly number[];
    return [transpose(dy, order.map((_, axis) => order.indexOf(axis)))];
  },
  Concat: (node, dy, wanted) => {
    const rank = dy.shape.length;
    const axis = ((node.attributes['axis'] as number) + rank) % rank;
    let start = 0;
    return node.inputs.map((part, index) => {
      const end = start + part!.shape[axis]!;
      const gradient = wanted[index] ? slice(dy, [{ axis, start, end }]) : undefined;
      start = end;
      return gradient;
    });
  },
  Pad: (node, dy) => {
    const pads = Array.from(inputOf(node, 1).constant!.data as BigInt64Array, Number);
    return [pad(dy, pads.map((length) => -length))];
  },
  Expand: (node, dy) => [sumToShape(dy, inputOf(node, 0).shape)],
};
