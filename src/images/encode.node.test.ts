import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from './decode.node.js';
import { encodePicture } from './encode.node.js';

/** A slope from black to white, red rising to the right and green downwards. */
const SLOPE = {
  data: Uint8Array.from({ length: 3 * 32 * 16 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return [(pixel % 32) * 8, Math.floor(pixel / 32) * 16, 100][index % 3]!;
  }),
  width: 32,
  height: 16,
};

describe('encodePicture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('writes %s that is decoded again', async (format) => {
    const bytes = await encodePicture(SLOPE, format, 95);
    expect((await sharp(bytes).metadata()).format).toBe(format);
    const again = await decodePicture(bytes);
    const worst = again.data.reduce((most, level, index) => Math.max(most, Math.abs(level - SLOPE.data[index]!)), 0);
    expect(worst).toBeLessThanOrEqual(format === 'png' ? 0 : 20);
  });

  it('writes smaller files of lower quality, and the same bytes each time', async () => {
    const [low, high, again] = await Promise.all([30, 95, 95].map((quality) => encodePicture(SLOPE, 'jpeg', quality)));
    expect(low!.length).toBeLessThan(high!.length);
    expect(again).toEqual(high);
  });
});
