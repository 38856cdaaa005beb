import sharp from 'sharp';
import type { Picture } from './picture.js';

/** A picture under a Gaussian blur; beyond its edges their pixels hold. @param sigma in pixels, 0.3..1000 */
export async function blurPicture({ data, width, height }: Picture, sigma: number): Promise<Picture> {
  const blurred = await sharp(data, { raw: { width, height, channels: 3 } }).blur({ sigma }).raw().toBuffer();
  return { data: new Uint8Array(blurred.buffer, blurred.byteOffset, blurred.byteLength), width, height };
}
