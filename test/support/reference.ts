import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of a file in test/reference. */
export function referencePath(name: string): string {
  return fileURLToPath(new URL(`../reference/${name}`, import.meta.url));
}

/** The bytes of a file in test/reference. */
export function referenceBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(referencePath(name)));
}

/** What the networks of `keras-files.json` answer. */
export interface KerasAnswer {
  readonly side: number;
  /** [N, classes] */
  readonly probabilities: readonly (readonly number[])[];
}

/** The pictures of keras_files.py, [N, 3, H, W] instead of its [N, H, W, 3]. */
export function kerasPictures(count: number, side: number): Float32Array {
  const images = new Float32Array(count * 3 * side * side);
  for (let index = 0; index < images.length; index++) {
    const channel = index % 3;
    const pixel = Math.floor(index / 3) % (side * side);
    const picture = Math.floor(index / (3 * side * side));
    images[(picture * 3 + channel) * side * side + pixel] = ((index * 7919) % 1009) / 1009;
  }
  return images;
}

/** Greatest difference between flat values and rows. */
export function greatestDifference(values: ArrayLike<number>, rows: readonly (readonly number[])[]): number {
  const expected = rows.flat();
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(...expected.map((value, index) => Math.abs(value - values[index]!)));
}
