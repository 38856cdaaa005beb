import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../base/errors.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { Picture } from './picture.js';
import { inverse, warp } from './warp.js';
import type { Affine } from './warp.js';

/** The picture of test/reference/warp.py. */
function formulaPicture(): Picture {
  const [width, height] = [97, 71];
  const data = new Uint8Array(width * height * 3);
  for (let row = 0, next = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let channel = 0; channel < 3; channel++) {
        const wave = Math.floor(127.5 + 127 * Math.sin(0.21 * column + 0.13 * (channel + 1) * row));
        const board = 255 * ((Math.floor(row / 3) + Math.floor(column / 3) + channel) % 2);
        data[next++] = column < Math.floor(width / 2) ? wave : board;
      }
    }
  }
  return { data, width, height };
}

const WARPS: Record<string, Affine> = {
  same: [1, 0, 0, 0, 1, 0],
  shift: [1, 0, 3.3, 0, 1, -2.7],
  smaller: [0.31, 0.02, 1.5, -0.04, 0.35, 2.25],
  larger: [2.13, -0.4, -31.7, 0.37, 1.94, -22.1],
  turned: [-0.77, 0.64, 40.3, -0.64, -0.77, 70.9],
  mirrored: [-1.2, 0.1, 90.4, 0.05, 1.1, -7.6],
};

describe('as OpenCV does it', () => {
  it.each(Object.entries(WARPS))('%s', async (name, matrix) => {
    const { tensors } = readSafetensors(await readFile(new URL('../../test/reference/warp.safetensors', import.meta.url)));
    const picture = formulaPicture();
    expect(picture.data).toEqual(new Uint8Array(tensors.get('picture')!.data as Uint8Array));
    const expected = tensors.get(name)!;
    const [height, width] = expected.shape as [number, number];
    const { data } = warp(picture, matrix, { width, height });
    const differences = Array.from(expected.data as Uint8Array, (level, index) => Math.abs(level - data[index]!));
    expect(Math.max(...differences)).toBe(0);
  });
});

/** One row of grey pixels. */
const row = (...levels: number[]): Picture => ({
  data: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
  width: levels.length,
  height: 1,
});
const levelsOf = ({ data }: Picture): number[] => Array.from(data).filter((_, index) => index % 3 === 0);

describe('by hand', () => {
  it('a shift by half a pixel gives means, with black outside', () => {
    const warped = warp(row(10, 20, 40), [1, 0, 0.5, 0, 1, 0], { width: 4, height: 1 });
    expect(levelsOf(warped)).toEqual([5, 15, 30, 20]);
  });

  it('a quarter turn makes a row a column', () => {
    const warped = warp(row(10, 20, 40), [0, -1, 0, 1, 0, 0], { width: 1, height: 3 });
    expect(levelsOf(warped)).toEqual([10, 20, 40]);
  });

  it('what lies far outside is black', () => {
    expect(levelsOf(warp(row(10, 20), [1, 0, 1e7, 0, 1, 0], { width: 2, height: 1 }))).toEqual([0, 0]);
  });
});

describe('with antialias', () => {
  const stripes = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 };
  for (let pixel = 0; pixel < 64 * 64; pixel++) stripes.data.fill(pixel % 2 === 0 ? 0 : 200, 3 * pixel, 3 * pixel + 3);
  const quarter: Affine = [0.25, 0, -0.375, 0, 0.25, -0.375];

  it('takes means where it would skip pixels', () => {
    expect(new Set(warp(stripes, quarter, { width: 16, height: 16, antialias: true }).data)).toEqual(new Set([100]));
  });

  it('leaves things where they are', () => {
    const spot = { data: new Uint8Array(64 * 64 * 3), width: 64, height: 64 };
    for (let y = 40; y < 44; y++) spot.data.fill(255, 3 * (64 * y + 20), 3 * (64 * y + 24));
    const { data } = warp(spot, quarter, { width: 16, height: 16, antialias: true });
    // The 4 × 4 pixels from (20, 40) on are the pixel (5, 10) of the result.
    expect(data[3 * (10 * 16 + 5)]).toBe(255);
    expect(data.reduce((sum, level) => sum + level, 0)).toBe(3 * 255);
  });

  it('changes nothing where nothing shrinks', () => {
    const options = { width: 64, height: 64 };
    const turned = WARPS['turned']!;
    expect(warp(stripes, turned, { ...options, antialias: true })).toEqual(warp(stripes, turned, options));
  });
});

describe('inverse', () => {
  it('leads back', () => {
    const [a, b, c, d, e, f] = WARPS['turned']!;
    const [p, q, r, s, t, u] = inverse([a, b, c, d, e, f]);
    const [x, y] = [a * 5 + b * 7 + c, d * 5 + e * 7 + f];
    expect([p * x + q * y + r, s * x + t * y + u]).toEqual([expect.closeTo(5, 9), expect.closeTo(7, 9)]);
  });

  it('refuses a matrix that has none', () => {
    expect(() => inverse([1, 2, 0, 2, 4, 0])).toThrow(ShapeError);
    expect(() => inverse([1, 0, NaN, 0, 1, 0])).toThrow(ShapeError);
  });
});
