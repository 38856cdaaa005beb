import { describe, expect, it } from 'vitest';
import { ShapeError } from '../base/errors.js';
import { isPictureName, writePlanes } from './picture.js';

describe('isPictureName', () => {
  it('goes by the ending, in any case', () => {
    for (const name of ['a.jpg', 'a.JPEG', 'a.b.png', 'a.webp', 'a.gif', 'a.tif', 'a.TIFF', 'a.avif', 'a.bmp']) {
      expect(isPictureName(name), name).toBe(true);
    }
    for (const name of ['a.txt', 'jpg', 'a.jpg.part', 'Thumbs.db', 'a.svg']) {
      expect(isPictureName(name), name).toBe(false);
    }
  });
});

describe('writePlanes', () => {
  const picture = { width: 2, height: 1, data: Uint8Array.of(255, 0, 51, 0, 102, 255) };

  it('splits the colours into planes and scales them to 0..1', () => {
    const target = new Float32Array(8).fill(-1);
    writePlanes(picture, target, 1);
    expect(target).toEqual(Float32Array.of(-1, 1, 0, 0, 0.4, 0.2, 1, -1));
  });

  it('refuses a target that is too small and data that do not fill the picture', () => {
    expect(() => writePlanes(picture, new Float32Array(6), 1)).toThrow(ShapeError);
    expect(() => writePlanes({ ...picture, height: 2 }, new Float32Array(12))).toThrow(/12 bytes, got 6/);
  });
});
