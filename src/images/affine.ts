import { requireRoom } from './picture.js';
import type { Picture } from './picture.js';

/**
 * The first two rows of a homogeneous matrix that maps a pixel of the result to where it comes from:
 * `[a, b, c, d, e, f]` says source row = a·row + b·column + c and source column = d·row + e·column + f.
 * Whole numbers are the centres of pixels.
 */
export type AffineMatrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/**
 * Warps a picture and writes it as a network takes it: planes [3, H, W] of the picture's own size, divided by 255.
 * Interpolation is bilinear; points outside the picture take the nearest pixel of its border. This is what
 * `scipy.ndimage.affine_transform(order=1, mode='nearest')` does to each channel.
 * @param target receives 3·H·W values in 0..1 from `offset` on.
 * @throws {ShapeError} when they do not fit.
 */
export function warpAffine(picture: Picture, matrix: AffineMatrix, target: Float32Array, offset = 0): void {
  requireRoom('warpAffine', picture, target, offset);
  const { data, width, height } = picture;
  const [a, b, c, d, e, f] = matrix;
  const plane = width * height;
  const lastRow = height - 1;
  const lastColumn = width - 1;
  const scale = 1 / 255;
  let red = offset;
  for (let row = 0; row < height; row++) {
    const rowStart = a * row + c;
    const columnStart = d * row + f;
    for (let column = 0; column < width; column++, red++) {
      const y = clamp(rowStart + b * column, lastRow);
      const x = clamp(columnStart + e * column, lastColumn);
      const top = y | 0;
      const left = x | 0;
      const down = y - top;
      const right = x - left;
      const stepRight = left < lastColumn ? 3 : 0;
      const topLeft = (top * width + left) * 3;
      const bottomLeft = top < lastRow ? topLeft + width * 3 : topLeft;
      const weight3 = down * right * scale;
      const weight2 = down * scale - weight3;
      const weight1 = right * scale - weight3;
      const weight0 = scale - down * scale - weight1;
      for (let channel = 0; channel < 3; channel++) {
        target[red + channel * plane] =
          weight0 * data[topLeft + channel]! +
          weight1 * data[topLeft + stepRight + channel]! +
          weight2 * data[bottomLeft + channel]! +
          weight3 * data[bottomLeft + stepRight + channel]!;
      }
    }
  }
}

/** Holds a coordinate within 0..last. */
function clamp(coordinate: number, last: number): number {
  return coordinate > 0 ? (coordinate < last ? coordinate : last) : 0;
}
