/** A height and a width, in pixels. */
export type Pair = readonly [number, number];

/**
 * What is added around a picture: nothing, as much as TensorFlow's `same` does, or pixels [top, left, bottom, right].
 */
export type Padding = 'valid' | 'same' | readonly [number, number, number, number];

/** The geometry of a window that moves over a picture. */
export interface WindowSize {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
}

/** A side for both axes, or one for each. */
export function pairOf(sides: number | Pair): Pair {
  return typeof sides === 'number' ? [sides, sides] : sides;
}

/**
 * The pixels to add around a picture: [top, left, bottom, right]. With `same` the output has ⌈side / stride⌉ rows and
 * columns; where an odd number is to be added, the greater part goes to the bottom and the right, as in TensorFlow.
 */
export function padsOf(padding: Padding, picture: Pair, window: WindowSize): [number, number, number, number] {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') return [...padding];
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const extent = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
    const outputs = Math.ceil(picture[axis] / window.stride[axis]);
    return Math.max(0, (outputs - 1) * window.stride[axis] + extent - picture[axis]);
  }) as [number, number];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return [top, left, rows - top, columns - left];
}
