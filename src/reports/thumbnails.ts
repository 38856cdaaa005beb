import sharp from 'sharp';
import { PictureError } from '../base/errors.js';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import type { Image } from './document.js';

/** Longest side in pixels: sharp on dense screens at the size at which pages show them. */
const SIDE = 224;
const QUALITY = 82;

/** A small version of a picture file; undefined when it cannot be read any more. */
export async function thumbnailOf(file: string): Promise<Image | undefined> {
  try {
    return await smallJpeg(await decodePicture(file));
  } catch (error) {
    if (error instanceof PictureError) return undefined;
    throw error;
  }
}

/** A picture at no more than the size of a thumbnail, without the metadata of its file. */
export async function smallJpeg({ data, width, height }: Picture): Promise<Image> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return { bytes, type: 'jpeg' };
}
