import sharp from 'sharp';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import type { Image } from './document.js';

/** Longest side in pixels: sharp on dense screens at the size at which pages show them. */
const SIDE = 224;
const QUALITY = 82;

/** A small version of a picture file, in its own proportions. @throws {PictureError} when it cannot be read */
export async function thumbnailOf(file: string): Promise<Picture> {
  const whole = await decodePicture(file);
  const { data, info } = await sharp(whole.data, { raw: { width: whole.width, height: whole.height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** A picture as a file for a report, without any metadata. */
export async function imageOf({ data, width, height }: Picture): Promise<Image> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality: QUALITY }).toBuffer();
  return { bytes, type: 'jpeg' };
}
