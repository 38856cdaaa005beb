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

/** How the levels 0..255 of a picture become the values of a network. */
export interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

/**
 * Reads a region as a network takes it: planes [3, size, size] of `scale` · level + `offset`; what lies outside the
 * picture has level 0. Interpolation is bilinear, in the level of the pyramid whose pixels are about as large as the
 * region's.
 */
export function sampleRegion(
  pyramid: Pyramid,
  region: Region,
  size: number,
  { scale, offset }: Scaling,
): Float32Array<ArrayBuffer> {
  const step = region.side / size;
  const { picture, level } = pyramid.at(Math.max(0, Math.round(Math.log2(step))));
  const { data, width, height } = picture;
  const reduction = 2 ** level;
  const plane = size * size;
  const target = new Float32Array(3 * plane).fill(offset);
  // The centre of the region's first pixel, in pixels of the level.
  const first = toPicture(region, 0.5 / size, 0.5 / size);
  const firstX = (first.x + 0.5) / reduction - 0.5;
  const firstY = (first.y + 0.5) / reduction - 0.5;
  const along = (step / reduction) * Math.cos(region.roll);
  const across = (step / reduction) * Math.sin(region.roll);
  const lastX = width - 1;
  const lastY = height - 1;
  const stride = width * 3;
  for (let row = 0; row < size; row++) {
    const startX = firstX - row * across;
    const startY = firstY + row * along;
    for (let column = 0; column < size; column++) {
      const x = startX + column * along;
      const y = startY + column * across;
      if (!(x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5)) continue;
      const insideX = x > 0 ? (x < lastX ? x : lastX) : 0;
      const insideY = y > 0 ? (y < lastY ? y : lastY) : 0;
      const left = insideX | 0;
      const top = insideY | 0;
      const right = insideX - left;
      const down = insideY - top;
      const topLeft = top * stride + left * 3;
      const stepRight = left < lastX ? 3 : 0;
      const bottomLeft = top < lastY ? topLeft + stride : topLeft;
      const weight3 = down * right;
      const weight2 = down - weight3;
      const weight1 = right - weight3;
      const weight0 = 1 - down - weight1;
      let next = row * size + column;
      for (let channel = 0; channel < 3; channel++, next += plane) {
        const value =
          weight0 * data[topLeft + channel]! +
          weight1 * data[topLeft + stepRight + channel]! +
          weight2 * data[bottomLeft + channel]! +
          weight3 * data[bottomLeft + stepRight + channel]!;
        target[next] = value * scale + offset;
      }
    }
  }
  return target;
}
