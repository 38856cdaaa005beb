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
 * @param target receives 3 · size² values
 */
export function sampleRegion(
  pyramid: Pyramid,
  region: Region,
  size: number,
  { scale, offset }: Scaling,
  target: Float32Array,
): void {
  const step = region.side / size;
  const { picture, level } = pyramid.at(Math.max(0, Math.round(Math.log2(step))));
  const { data, width, height } = picture;
  const reduction = 2 ** level;
  const plane = size * size;
  // The centre of the region's first pixel, in pixels of the level.
  const first = toPicture(region, 0.5 / size, 0.5 / size);
  const firstX = (first.x + 0.5) / reduction - 0.5;
  const firstY = (first.y + 0.5) / reduction - 0.5;
  const along = (step / reduction) * Math.cos(region.roll);
  const across = (step / reduction) * Math.sin(region.roll);
  const lastX = width - 1;
  const lastY = height - 1;
  const stride = width * 3;
  target.fill(offset);
  for (let row = 0; row < size; row++) {
    const startX = firstX - row * across;
    const startY = firstY + row * along;
    // In a row that lies inside from end to end, as most do, no place needs a check.
    const isInside =
      isWithin(startX, lastX) &&
      isWithin(startY, lastY) &&
      isWithin(startX + (size - 1) * along, lastX) &&
      isWithin(startY + (size - 1) * across, lastY);
    for (let column = 0, next = row * size; column < size; column++, next++) {
      const x = startX + column * along;
      const y = startY + column * across;
      // Written so that numbers that are none are outside as well.
      if (!isInside && !(x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5)) continue;
      const insideX = isInside ? x : x > 0 ? (x < lastX ? x : lastX) : 0;
      const insideY = isInside ? y : y > 0 ? (y < lastY ? y : lastY) : 0;
      const left = insideX | 0;
      const top = insideY | 0;
      const right = insideX - left;
      const down = insideY - top;
      const topLeft = top * stride + left * 3;
      const topRight = isInside || left < lastX ? topLeft + 3 : topLeft;
      const toBottom = isInside || top < lastY ? stride : 0;
      const bottomLeft = topLeft + toBottom;
      const bottomRight = topRight + toBottom;
      const weight3 = down * right * scale;
      const weight2 = down * scale - weight3;
      const weight1 = right * scale - weight3;
      const weight0 = scale - down * scale - weight1;
      target[next] =
        weight0 * data[topLeft]! +
        weight1 * data[topRight]! +
        weight2 * data[bottomLeft]! +
        weight3 * data[bottomRight]! +
        offset;
      target[next + plane] =
        weight0 * data[topLeft + 1]! +
        weight1 * data[topRight + 1]! +
        weight2 * data[bottomLeft + 1]! +
        weight3 * data[bottomRight + 1]! +
        offset;
      target[next + 2 * plane] =
        weight0 * data[topLeft + 2]! +
        weight1 * data[topRight + 2]! +
        weight2 * data[bottomLeft + 2]! +
        weight3 * data[bottomRight + 2]! +
        offset;
    }
  }
}

/** Whether a place has pixels on both sides of it, of those from 0 to `last`. */
function isWithin(place: number, last: number): boolean {
  return place >= 0 && place < last;
}
