import { describe, expect, it } from 'vitest';
import { ShapeError } from '../base/errors.js';
import { warpAffine } from './affine.js';
import type { AffineMatrix } from './affine.js';
import { writePlanes } from './picture.js';
import type { Picture } from './picture.js';

/** A picture whose three colours are `value(row, column)`, that plus 1, and that plus 2. */
function pictureOf(height: number, width: number, value: (row: number, column: number) => number): Picture {
  const data = new Uint8Array(height * width * 3);
  for (let index = 0; index < data.length; index++) {
    const pixel = Math.floor(index / 3);
    data[index] = value(Math.floor(pixel / width), pixel % width) + (index % 3);
  }
  return { data, width, height };
}

/** The first plane of the warped picture, in levels 0..255. */
function warped(picture: Picture, matrix: AffineMatrix): number[] {
  const target = new Float32Array(picture.data.length);
  warpAffine(picture, matrix, target);
  const plane = picture.width * picture.height;
  return Array.from(target.subarray(0, plane), (value) => Math.round(value * 255 * 1e4) / 1e4);
}

const IDENTITY: AffineMatrix = [1, 0, 0, 0, 1, 0];

describe('warpAffine', () => {
  const picture = pictureOf(2, 3, (row, column) => 100 * row + 10 * column);

  it('leaves a picture as it is under the identity', () => {
    const target = new Float32Array(18);
    const planes = new Float32Array(18);
    warpAffine(picture, IDENTITY, target);
    writePlanes(picture, planes);
    for (let index = 0; index < 18; index++) expect(target[index]).toBeCloseTo(planes[index]!, 6);
  });

  it('takes each result from where the matrix says, and the border from the nearest pixel', () => {
    // Source column = column + 1: the last column is repeated.
    expect(warped(picture, [1, 0, 0, 0, 1, 1])).toEqual([10, 20, 20, 110, 120, 120]);
    // Source row = row - 5: the first row is repeated.
    expect(warped(picture, [1, 0, -5, 0, 1, 0])).toEqual([0, 10, 20, 0, 10, 20]);
  });

  it('interpolates between four pixels', () => {
    // (0.25, 0.5), (0.25, 1.5), then column 2.5 clamped to 2; row 1.25 clamped to 1.
    expect(warped(picture, [1, 0, 0.25, 0, 1, 0.5])).toEqual([30, 40, 45, 105, 115, 120]);
  });

  it('exchanges rows and columns', () => {
    const square = pictureOf(3, 3, (row, column) => 30 * row + column);
    expect(warped(square, [0, 1, 0, 1, 0, 0])).toEqual([0, 30, 60, 1, 31, 61, 2, 32, 62]);
  });

  it('writes all three planes, from the offset on', () => {
    const target = new Float32Array(20).fill(-1);
    warpAffine(picture, IDENTITY, target, 2);
    expect(Array.from(target.subarray(0, 2))).toEqual([-1, -1]);
    expect(target[2 + 5] ?? 0).toBeCloseTo(120 / 255, 6);
    expect(target[2 + 6 + 5] ?? 0).toBeCloseTo(121 / 255, 6);
    expect(target[2 + 12 + 5] ?? 0).toBeCloseTo(122 / 255, 6);
  });

  it('warps a picture of one pixel', () => {
    expect(warped(pictureOf(1, 1, () => 9), [1, 0.3, 2, 0.1, 1, -3])).toEqual([9]);
  });

  it('refuses a target that is too small', () => {
    expect(() => warpAffine(picture, IDENTITY, new Float32Array(17))).toThrow(ShapeError);
  });
});
