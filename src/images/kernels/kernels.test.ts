import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assemble, BINARY } from '../../../scripts/kernels/assemble.js';
import type { Picture } from '../picture.js';
import type { Grid } from './kernels.js';
import { halvePicture, samplePicture } from './kernels.js';

/** A picture whose three channels are `levels`, `levels` + 1 and 0. */
function pictureOf(width: number, levels: readonly number[]): Picture {
  const data = Uint8Array.from(levels.flatMap((level) => [level, level + 1, 0]));
  return { data, width, height: levels.length / width };
}

/** A picture in which every level is another, in disorder, and which does not begin where its memory does. */
function noise(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: width * height * 3 + 7 }, (_, index) => (index * 7919 + (index >> 3) * 104_729) % 251);
  return { data: data.subarray(7), width, height };
}

const red = ({ data }: Picture): number[] => Array.from(data).filter((_, index) => index % 3 === 0);

describe('the binary', () => {
  it('is what the text says', async () => {
    expect(readFileSync(BINARY, 'utf8')).toBe(await assemble());
  });
});

describe('halvePicture', () => {
  it('takes the mean of each four pixels, rounded', () => {
    const half = halvePicture(pictureOf(4, [0, 2, 10, 20, 4, 6, 30, 41]));
    expect([half.width, half.height]).toEqual([2, 1]);
    // (0 + 2 + 4 + 6) / 4 = 3 and (10 + 20 + 30 + 41) / 4 = 25.25; the second channel is 1 higher.
    expect(Array.from(half.data)).toEqual([3, 4, 0, 25, 26, 0]);
  });

  it('leaves an odd last row and column out', () => {
    const half = halvePicture(pictureOf(3, [0, 0, 99, 0, 4, 99, 99, 99, 99]));
    expect([half.width, half.height, red(half)]).toEqual([1, 1, [1]]);
  });

  it('makes nothing of a single row or column', () => {
    expect(halvePicture(pictureOf(1, [1, 2, 3, 4]))).toEqual({ data: new Uint8Array(), width: 0, height: 2 });
    expect(halvePicture(pictureOf(4, [1, 2, 3, 4]))).toEqual({ data: new Uint8Array(), width: 2, height: 0 });
  });

  // From one pair of pixels on, odd and even, and more than is halved at a time.
  it.each([[2, 2], [6, 4], [7, 5], [301, 203], [12_000, 6]])('is right for every pixel of %i × %i', (width, height) => {
    const picture = noise(width, height);
    const half = halvePicture(picture);
    const level = (x: number, y: number, channel: number): number => picture.data[(y * width + x) * 3 + channel]!;
    const wrong = Array.from(half.data).findIndex((value, index) => {
      const [channel, pixel] = [index % 3, Math.floor(index / 3)];
      const [x, y] = [2 * (pixel % half.width), 2 * Math.floor(pixel / half.width)];
      const sum = level(x, y, channel) + level(x + 1, y, channel) + level(x, y + 1, channel) + level(x + 1, y + 1, channel);
      return value !== (sum + 2) >> 2;
    });
    expect([half.width, half.height, half.data.length]).toEqual([width >> 1, height >> 1, (width >> 1) * (height >> 1) * 3]);
    expect(wrong).toBe(-1);
  });
});

const SCALING = { scale: 1 / 127.5, offset: -1 };

/** Red, green and blue at a place, by the definition of bilinear interpolation. */
function interpolated({ data, width, height }: Picture, x: number, y: number): number[] {
  if (!(x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5)) return [-1, -1, -1];
  const [nearX, nearY] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
  const [left, top] = [Math.floor(nearX), Math.floor(nearY)];
  return [0, 1, 2].map((channel) => {
    let value = 0;
    for (const [column, row] of [[left, top], [left + 1, top], [left, top + 1], [left + 1, top + 1]] as const) {
      const weight = (1 - Math.abs(nearX - column)) * (1 - Math.abs(nearY - row));
      if (weight > 0) value += weight * data[(row * width + column) * 3 + channel]!;
    }
    return value * SCALING.scale + SCALING.offset;
  });
}

describe('samplePicture', () => {
  const picture = noise(40, 30);
  const grids: Record<string, Grid> = {
    'inside the picture': { x: 3.3, y: 4.7, along: 1.1, across: 0, size: 20 },
    'turned': { x: 8, y: 5, along: 0.9, across: 0.6, size: 15 },
    'upside down and beyond all sides': { x: 45, y: 40, along: -2.5, across: 0.4, size: 24 },
    'over the last column and row': { x: 37, y: 27, along: 0.24, across: 0, size: 16 },
    'of a single place': { x: 39, y: 29, along: 1, across: 1, size: 1 },
    'beside the picture': { x: 60, y: 3, along: 1, across: 0, size: 4 },
    'nowhere': { x: NaN, y: 3, along: 1, across: 0, size: 4 },
    'without end': { x: 0, y: 0, along: Infinity, across: 0, size: 4 },
  };
  it.each(Object.entries(grids))('interpolates at each place: %s', (_, grid) => {
    const { x, y, along, across, size } = grid;
    const planes = new Float32Array(3 * size * size);
    samplePicture(picture, grid, SCALING, planes);
    for (let place = 0; place < size * size; place++) {
      const [column, row] = [place % size, Math.floor(place / size)];
      const expected = interpolated(picture, x - row * across + column * along, y + row * along + column * across);
      expected.forEach((value, channel) => expect(planes[channel * size * size + place]).toBeCloseTo(value, 5));
    }
  });
});
