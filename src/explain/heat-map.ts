import { ShapeError } from '../base/errors.js';
import { sizeOf } from '../base/tensor.js';

/** Where a network finds what speaks for a class, cell by cell. */
export interface ClassMap {
  /** [height, width], as the method gives them; their scale is that of the network's scores. */
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Whether nothing in the picture speaks for the class: no value is above 0. */
export function isEmptyMap({ values }: Pick<ClassMap, 'values'>): boolean {
  return !values.some((value) => value > 0);
}

/**
 * A map as shares of its largest value, 0..1. What is below 0, as in a class activation map, becomes 0; an empty map is
 * 0 everywhere. Unlike programs that also subtract the smallest value, 0 keeps its meaning: nothing speaks for the class.
 */
export function normaliseMap({ values }: Pick<ClassMap, 'values'>): Float32Array {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return values.map((value) => (largest > 0 ? Math.max(value, 0) / largest : 0));
}

/**
 * A map stretched over a picture of any size: shares of the largest value, interpolated bilinearly between the middles
 * of the cells, which cover the picture side by side; beyond the outermost middles their values hold. As PyTorch does it
 * with `align_corners=False`, and `cv2.resize`.
 *
 * A network without padding looks a little less at the borders than that suggests. To put each cell where the middle of
 * its receptive field lies was tried, and deletion and insertion found those maps less faithful: docs/explain.md.
 * @returns [height, width], 0..1
 */
export function spreadMap(map: ClassMap, width: number, height: number): Float32Array {
  const shares = normaliseMap(map);
  const rows = cellsAlong(map.height, height);
  const columns = cellsAlong(map.width, width);
  const spread = new Float32Array(width * height);
  let next = 0;
  for (const { first: top, second: bottom, share: down } of rows) {
    for (const { first: left, second: right, share } of columns) {
      const above = mix(shares[top * map.width + left]!, shares[top * map.width + right]!, share);
      const below = mix(shares[bottom * map.width + left]!, shares[bottom * map.width + right]!, share);
      spread[next++] = mix(above, below, down);
    }
  }
  return spread;
}

/** Takes the maps of a batch apart: [N, h, w] → N maps. @throws {ShapeError} when the shape is another. */
export function splitMaps(values: Float32Array, shape: readonly number[]): ClassMap[] {
  const [count, height, width] = shape;
  if (shape.length !== 3 || sizeOf(shape) !== values.length) {
    throw new ShapeError(`splitMaps: maps [N, h, w] expected, got [${shape.join(', ')}] with ${values.length} values`);
  }
  const cells = height! * width!;
  return Array.from({ length: count! }, (_, index) => ({
    values: values.slice(index * cells, (index + 1) * cells),
    ...{ height: height!, width: width! },
  }));
}

/** The two cells that a pixel lies between, and how far it is on the way from the first to the second. */
interface Between {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** For each of `pixels` along a side. The middle of a pixel, and of a cell, lies half of it from its edge. */
function cellsAlong(cells: number, pixels: number): Between[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const cell = Math.min(Math.max(((pixel + 0.5) * cells) / pixels - 0.5, 0), cells - 1);
    const first = Math.floor(cell);
    return { first, second: Math.min(first + 1, cells - 1), share: cell - first };
  });
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
