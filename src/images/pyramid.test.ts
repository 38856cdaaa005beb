import { describe, expect, it } from 'vitest';
import { halve, Pyramid } from './pyramid.js';
import type { Picture } from './picture.js';

/** A picture whose three channels are `levels`, `levels` + 1 and 0. */
function picture(width: number, levels: readonly number[]): Picture {
  const data = Uint8Array.from(levels.flatMap((level) => [level, level + 1, 0]));
  return { data, width, height: levels.length / width };
}

const red = ({ data }: Picture): number[] => Array.from(data).filter((_, index) => index % 3 === 0);

describe('halve', () => {
  it('takes the mean of each four pixels, rounded', () => {
    const half = halve(picture(4, [0, 2, 10, 20, 4, 6, 30, 41]));
    expect([half.width, half.height]).toEqual([2, 1]);
    // (0 + 2 + 4 + 6) / 4 = 3 and (10 + 20 + 30 + 41) / 4 = 25.25; the second channel is 1 higher.
    expect(Array.from(half.data)).toEqual([3, 4, 0, 25, 26, 0]);
  });

  it('leaves an odd last row and column out', () => {
    const half = halve(picture(3, [0, 0, 99, 0, 4, 99, 99, 99, 99]));
    expect([half.width, half.height, red(half)]).toEqual([1, 1, [1]]);
  });
});

describe('Pyramid', () => {
  it('gives the levels that there are', () => {
    const pyramid = new Pyramid(picture(4, Array<number>(16).fill(8)));
    expect(pyramid.at(0).picture).toBe(pyramid.picture);
    expect(pyramid.at(1).picture.width).toBe(2);
    expect(pyramid.at(5)).toMatchObject({ level: 2, picture: { width: 1, height: 1 } });
    expect(pyramid.at(2).picture).toBe(pyramid.at(9).picture);
  });
});
