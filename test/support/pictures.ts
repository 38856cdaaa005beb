import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { PURPOSE, randomStream } from '../../src/base/random.js';

/** A drawing of twelve random discs, another for each key; no two of different keys look alike. */
export function drawing(key: number, size = 128): Sharp {
  const random = randomStream(3, PURPOSE.augment, key);
  const discs = Array.from({ length: 12 }, () => {
    const [x, y, radius] = [random.integer(100), random.integer(100), 8 + random.integer(20)];
    const [red, green, blue] = [random.integer(256), random.integer(256), random.integer(256)];
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="rgb(${red},${green},${blue})"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100"><rect width="100" height="100" fill="#888"/>${discs.join('')}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

/** The drawing of a key as a JPEG file. */
export async function jpeg(key: number, size = 128, quality = 90): Promise<Buffer> {
  return await drawing(key, size).jpeg({ quality }).toBuffer();
}
