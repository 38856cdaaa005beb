import type { Node, Value } from '../graph/graph.js';
import { windowOf } from '../graph/operators/index.js';

/** Where the cells of a map lie along one axis of the network's picture, in pixels; 0 is the centre of the first one. */
export interface AxisPlacement {
  /** Where the first cell looks: the middle of all the pixels that it depends on. */
  readonly start: number;
  /** From one cell to the next. */
  readonly step: number;
}

export interface Placement {
  readonly rows: AxisPlacement;
  readonly columns: AxisPlacement;
}

/**
 * Where the cells of a value look: the centres of their receptive fields. A network without padding looks at less and
 * less of the borders, and what strides leave over lies at the right and lower ones, so a map that is simply stretched
 * over the picture shows things where they are not. For a network that pads what its windows need, both are the same.
 * @param value [N, C, h, w], made from the images by convolutions, pooling, and what works cell by cell
 * @param images [N, 3, H, W]
 */
export function placementOf(value: Value, images: Value): Placement {
  return { rows: alongAxis(value, images, 0), columns: alongAxis(value, images, 1) };
}

function alongAxis(value: Value, images: Value, axis: 0 | 1): AxisPlacement {
  const node = value.producer;
  if (value === images || !node) return { start: 0, step: 1 };
  const before = alongAxis(node.inputs[0]!, images, axis);
  const size = kernelOf(node)?.[axis];
  if (size === undefined) return before;
  const { strides, pads, dilations } = windowOf(node);
  const middle = ((size - 1) * dilations[axis]) / 2 - pads[axis];
  return { start: before.start + middle * before.step, step: before.step * strides[axis] };
}

function kernelOf(node: Node): readonly number[] | undefined {
  return node.attributes['kernel_shape'] as readonly number[] | undefined;
}
