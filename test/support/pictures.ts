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

/** Files of a data set: ten subjects with two pictures each, of two bands, and the manifest `m.csv`. */
export async function tenSubjects(): Promise<Record<string, string | Uint8Array>> {
  const pictures: Record<string, Uint8Array> = {};
  for (let index = 0; index < 20; index++) pictures[`${index}.jpg`] = await jpeg(index, 48);
  const rows = Object.keys(pictures).map((name, index) => `${name},s${index % 10},${index % 2 ? '0-2' : '60+'}`);
  return { ...pictures, 'm.csv': `file,subject,band\n${rows.join('\n')}\n` };
}
