import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Picture } from '../../src/images/picture.js';

/** A public-domain portrait of 220 × 220 pixels with one face, about 100 pixels large. */
export const PORTRAIT = fileURLToPath(new URL('../../examples/portrait.jpg', import.meta.url));
export const PORTRAIT_SIZE = 220;

/** The pixels of what sharp makes. */
export async function pictureOf(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** A grey picture with the portrait in several places, scaled to `size` × `size` each. */
export async function gallery(
  width: number,
  height: number,
  places: readonly { left: number; top: number; size: number }[],
): Promise<Sharp> {
  const layers = await Promise.all(
    places.map(async ({ left, top, size }) => ({
      input: await sharp(PORTRAIT).resize(size, size).png().toBuffer(),
      left,
      top,
    })),
  );
  const canvas = sharp({ create: { width, height, channels: 3, background: '#808080' } });
  return sharp(await canvas.composite(layers).png().toBuffer());
}
