import { describe, expect, it } from 'vitest';
import { Pyramid } from './pyramid.js';
import type { Picture } from './picture.js';

/** A picture whose three channels are `levels`, `levels` + 1 and 0. */
function picture(width: number, levels: readonly number[]): Picture {
  const data = Uint8Array.from(levels.flatMap((level) => [level, level + 1, 0]));
  return { data, width, height: levels.length / width };
}

describe('Pyramid', () => {
  it('gives the levels that there are', () => {
    const pyramid = new Pyramid(picture(4, Array<number>(16).fill(8)));
    expect(pyramid.at(0).picture).toBe(pyramid.picture);
    expect(pyramid.at(1).picture.width).toBe(2);
    expect(pyramid.at(5)).toMatchObject({ level: 2, picture: { width: 1, height: 1 } });
    expect(pyramid.at(2).picture).toBe(pyramid.at(9).picture);
  });
});
