import type { Value } from '../graph/graph.js';
import { slice } from '../graph/operators/index.js';
import type { Window } from '../graph/operators/index.js';

/** The windows of a convolution or a pooling, as far as they say which pixels an offset meets. */
export interface WindowGrid extends Pick<Window, 'strides' | 'dilations'> {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
}

/** Where the elements of a window lie from its top left one, in pixels: [row, column], row by row. */
export function offsetsOf({ kernelHeight, kernelWidth, dilations }: WindowGrid): (readonly [number, number])[] {
  const columns = Array.from({ length: kernelWidth }, (_, column) => column * dilations[1]);
  return Array.from({ length: kernelHeight }, (_, row) => row * dilations[0]).flatMap((row) =>
    columns.map((column) => [row, column] as const),
  );
}

/**
 * The pixels that one offset of all windows meets.
 * @param padded the input with its padding
 * @param heightAxis axis of the rows, before that of the columns
 * @returns the same with axes of oH and oW in place of those
 */
export function windowSlice(padded: Value, [top, left]: readonly [number, number], grid: WindowGrid, heightAxis: 1 | 2): Value {
  const range = (axis: number, start: number, count: number, step: number) => ({
    ...{ axis, start, step },
    end: start + (count - 1) * step + 1,
  });
  return slice(padded, [
    range(heightAxis, top, grid.outputHeight, grid.strides[0]),
    range(heightAxis + 1, left, grid.outputWidth, grid.strides[1]),
  ]);
}
