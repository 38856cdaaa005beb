import type { Picture } from './picture.js';

/** A picture as a network takes it. */
export interface Planes {
  /** sRGB, [3, height, width], 0..1. */
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The picture with each value rounded to one of 256 levels; the inverse of `writePlanes`. */
export function readPlanes({ data, width, height }: Planes): Picture {
  const plane = width * height;
  const levels = new Uint8Array(3 * plane);
  for (let pixel = 0, target = 0; pixel < plane; pixel++) {
    levels[target++] = data[pixel]! * 255 + 0.5;
    levels[target++] = data[pixel + plane]! * 255 + 0.5;
    levels[target++] = data[pixel + 2 * plane]! * 255 + 0.5;
  }
  return { data: levels, width, height };
}

/** Holds a value within 0..1. */
export function clampLevel(value: number): number {
  return value > 0 ? (value < 1 ? value : 1) : 0;
}
