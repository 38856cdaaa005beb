import { ShapeError } from '../base/errors.js';
import type { Picture } from './picture.js';
import { Pyramid } from './pyramid.js';

/**
 * The first two rows of a homogeneous matrix that maps a place in a picture to one in the result, in pixels whose centres
 * are whole numbers: x' = a·x + b·y + c and y' = d·x + e·y + f.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface WarpOptions {
  /** Width of the result in pixels. */
  readonly width: number;
  /** Height of the result in pixels. */
  readonly height: number;
  /**
   * Whether pixels of the picture are averaged where the result is smaller by half or more, instead of being skipped.
   * Default: false, as OpenCV does it.
   */
  readonly antialias?: boolean;
}

/** Places in the picture are counted in steps of 1/1024 along rows and columns, and of 1/32 between pixels. */
const STEP_BITS = 10;
const PLACE_BITS = 5;
const PLACES = 1 << PLACE_BITS;
const SHIFT = STEP_BITS - PLACE_BITS;

/**
 * Warps a picture. Interpolation is bilinear; what comes from outside the picture is black. Without `antialias` this is
 * `cv2.warpAffine(picture, matrix, (width, height))` of OpenCV 4 to the bit, whose places are fixed-point numbers.
 * @throws {ShapeError} when the matrix cannot be inverted.
 */
export function warp(picture: Picture, matrix: Affine, { width, height, antialias = false }: WarpOptions): Picture {
  if (!antialias) return sample(picture, inverse(matrix), width, height);
  const step = Math.sqrt(Math.abs(determinant(inverse(matrix))));
  const { picture: reduced, level } = new Pyramid(picture).at(Math.max(0, Math.round(Math.log2(step))));
  return sample(reduced, inverse(fromLevel(matrix, level)), width, height);
}

/** The matrix for a picture that has been halved `level` times. */
function fromLevel([a, b, c, d, e, f]: Affine, level: number): Affine {
  const scale = 2 ** level;
  // A pixel of the reduced picture lies in the middle of the pixels that it is the mean of.
  const middle = (scale - 1) / 2;
  return [a * scale, b * scale, c + (a + b) * middle, d * scale, e * scale, f + (d + e) * middle];
}

function determinant([a, b, , d, e]: Affine): number {
  return a * e - b * d;
}

/**
 * The matrix that leads back.
 * @throws {ShapeError} when there is none: the matrix maps everything onto a line, or holds no numbers.
 */
export function inverse(matrix: Affine): Affine {
  const scale = 1 / determinant(matrix);
  if (!matrix.every(Number.isFinite) || !Number.isFinite(scale)) {
    throw new ShapeError(`warp: the matrix [${matrix.join(', ')}] cannot be inverted`);
  }
  const [a, b, c, d, e, f] = matrix;
  const [p, q, r, s] = [e * scale, -b * scale, -d * scale, a * scale];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}

/** @param back maps places of the result to places of the picture */
function sample(picture: Picture, back: Affine, width: number, height: number): Picture {
  const [a, b, c, d, e, f] = back;
  const target = new Uint8Array(width * height * 3);
  const alongX = Int32Array.from({ length: width }, (_, x) => fixed(a * x));
  const alongY = Int32Array.from({ length: width }, (_, x) => fixed(d * x));
  const half = 1 << (SHIFT - 1);
  let next = 0;
  for (let y = 0; y < height; y++) {
    const startX = fixed(b * y + c) + half;
    const startY = fixed(e * y + f) + half;
    for (let x = 0; x < width; x++, next += 3) {
      const placeX = (startX + alongX[x]!) >> SHIFT;
      const placeY = (startY + alongY[x]!) >> SHIFT;
      interpolate(picture, placeX, placeY, target, next);
    }
  }
  return { data: target, width, height };
}

function fixed(value: number): number {
  return Math.round(value * (1 << STEP_BITS));
}

/** Writes the three channels at a place, in steps of 1/32 pixel. */
function interpolate({ data, width, height }: Picture, placeX: number, placeY: number, target: Uint8Array, to: number): void {
  const left = placeX >> PLACE_BITS;
  const top = placeY >> PLACE_BITS;
  if (left < -1 || top < -1 || left >= width || top >= height) return;
  const right = placeX & (PLACES - 1);
  const down = placeY & (PLACES - 1);
  let weight0 = (PLACES - right) * (PLACES - down);
  let weight1 = right * (PLACES - down);
  let weight2 = (PLACES - right) * down;
  let weight3 = right * down;
  const from = (top * width + left) * 3;
  const below = from + width * 3;
  if (left < 0 || top < 0 || left === width - 1 || top === height - 1) {
    // Neighbours outside are black.
    if (left < 0) weight0 = weight2 = 0;
    if (top < 0) weight0 = weight1 = 0;
    if (left === width - 1) weight1 = weight3 = 0;
    if (top === height - 1) weight2 = weight3 = 0;
    for (let channel = 0; channel < 3; channel++) {
      const sum =
        (weight0 && weight0 * data[from + channel]!) +
        (weight1 && weight1 * data[from + 3 + channel]!) +
        (weight2 && weight2 * data[below + channel]!) +
        (weight3 && weight3 * data[below + 3 + channel]!);
      target[to + channel] = (sum + 512) >> 10;
    }
    return;
  }
  for (let channel = 0; channel < 3; channel++) {
    const sum =
      weight0 * data[from + channel]! +
      weight1 * data[from + 3 + channel]! +
      weight2 * data[below + channel]! +
      weight3 * data[below + 3 + channel]!;
    target[to + channel] = (sum + 512) >> 10;
  }
}
