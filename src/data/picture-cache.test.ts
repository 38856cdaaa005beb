import { describe, expect, it } from 'vitest';
import { PictureCache } from './picture-cache.js';

/** A picture of 2 × 2 pixels of one level. */
const picture = (level: number) => ({ data: new Uint8Array(12).fill(level), width: 2, height: 2 });

describe('PictureCache', () => {
  it('gives back what was put in, and nothing else', () => {
    const cache = PictureCache.allocate(3, 2, 1000);
    cache.set(2, picture(7));
    cache.set(0, picture(0));
    expect(cache.get(2)).toEqual(picture(7));
    expect(cache.get(0)).toEqual(picture(0));
    expect(cache.get(1)).toBeUndefined();
    expect(cache.get(3)).toBeUndefined();
  });

  it('has room for as many pictures as fit into its bytes', () => {
    const cache = PictureCache.allocate(3, 2, 25);
    for (const index of [0, 1, 2]) cache.set(index, picture(index + 1));
    expect(cache.get(0)).toEqual(picture(1));
    expect(cache.get(1)).toEqual(picture(2));
    expect(cache.get(2)).toBeUndefined();
    expect(cache.shared.pixels.byteLength).toBe(24);
    expect(PictureCache.allocate(3, 2, 0).get(0)).toBeUndefined();
  });

  it('takes no more memory than the pictures need', () => {
    expect(PictureCache.allocate(3, 2, 2 ** 31).shared.pixels.byteLength).toBe(36);
  });

  it('is the same memory wherever it is opened', () => {
    const cache = PictureCache.allocate(1, 2, 1000);
    const other = new PictureCache(cache.shared);
    cache.set(0, picture(9));
    expect(other.get(0)).toEqual(picture(9));
  });
});
