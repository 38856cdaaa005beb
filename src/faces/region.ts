import type { Scaling } from '../images/kernels/kernels.js';
import { samplePicture } from '../images/kernels/kernels.js';
import type { Pyramid } from '../images/pyramid.js';
import type { Box, Point } from './face.js';

/** A square part of a picture, at any angle, that a network looks at. It may reach beyond the picture. */
export interface Region {
  readonly centre: Point;
  /** Length of a side, in pixels of the picture. */
  readonly side: number;
  /** Radians by which the region is turned clockwise in the picture. */
  readonly roll: number;
}

/**
 * The square around a whole picture whose longer side fills the fraction `fill` of it.
 * @param roll radians by which the square is turned clockwise
 */
export function wholePicture(width: number, height: number, fill: number, roll: number): Region {
  const centre = { x: (width - 1) / 2, y: (height - 1) / 2 };
  return { centre, side: Math.max(width, height) / fill, roll };
}

/** The square around a box with `margin` times its longer side, turned clockwise by `roll` radians. */
export function aroundBox({ left, top, width, height }: Box, margin: number, roll: number): Region {
  return { centre: { x: left + width / 2, y: top + height / 2 }, side: margin * Math.max(width, height), roll };
}

/** The place in the picture of a place in a region, which runs from (0, 0) to (1, 1). */
export function toPicture({ centre, side, roll }: Region, u: number, v: number): Point {
  const right = (u - 0.5) * side;
  const down = (v - 0.5) * side;
  const cosine = Math.cos(roll);
  const sine = Math.sin(roll);
  return { x: centre.x + right * cosine - down * sine, y: centre.y + right * sine + down * cosine };
}

/**
 * Reads a region as a network takes it: planes [3, size, size] of `scale` · level + `offset`; what lies outside the
 * picture has level 0. Interpolation is bilinear, in the level of the pyramid whose pixels are about as large as the
 * region's.
 * @param target receives 3 · size² values
 */
export function sampleRegion(
  pyramid: Pyramid,
  region: Region,
  size: number,
  scaling: Scaling,
  target: Float32Array,
): void {
  const step = region.side / size;
  const { picture, level } = pyramid.at(Math.max(0, Math.round(Math.log2(step))));
  const reduction = 2 ** level;
  // The centre of the region's first pixel, in pixels of the level.
  const first = toPicture(region, 0.5 / size, 0.5 / size);
  const grid = {
    x: (first.x + 0.5) / reduction - 0.5,
    y: (first.y + 0.5) / reduction - 0.5,
    along: (step / reduction) * Math.cos(region.roll),
    across: (step / reduction) * Math.sin(region.roll),
    size,
  };
  samplePicture(picture, grid, scaling, target);
}
