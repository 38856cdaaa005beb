/** Photos of the browser as pictures of ours, and back. */
import type { Picture } from '../../src/images/picture.js';
import { pictureTypeOf } from '../../src/images/picture-type.js';

const MOST_PIXELS = 50e6;
/** What browsers do not decode, or not all of them. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  heic: 'This browser cannot read HEIC pictures. Convert it to JPEG.',
  tiff: 'Browsers cannot read TIFF pictures. Convert it to JPEG or PNG.',
};

/** A photo, upright. @throws {Error} with a message for the user when it cannot be read */
export async function decode(file: Blob): Promise<ImageBitmap> {
  const type = pictureTypeOf(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if (type === undefined) throw new Error('This is no picture. JPEG, PNG, WebP, AVIF and GIF can be read.');
  const unsupported = UNSUPPORTED[type];
  if (unsupported !== undefined) throw new Error(unsupported);
  let photo: ImageBitmap;
  try {
    photo = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    throw new Error('This picture is damaged or cut off.');
  }
  const { width, height } = photo;
  if (width * height <= MOST_PIXELS) return photo;
  photo.close();
  throw new Error(`This picture has ${width} × ${height} pixels. Up to ${MOST_PIXELS / 1e6} million can be read.`);
}

export function pictureOf(image: ImageBitmap, width = image.width, height = image.height): Picture {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const levels = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    levels[to++] = data[from]!;
    levels[to++] = data[from + 1]!;
    levels[to++] = data[from + 2]!;
  }
  return { data: levels, width, height };
}

/** The whole photo as a square. */
export function squash(photo: ImageBitmap, side: number): Picture {
  return pictureOf(photo, side, side);
}

export async function bitmapOf({ data, width, height }: Picture): Promise<ImageBitmap> {
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) pixels.data.set([data[from]!, data[from + 1]!, data[from + 2]!, 255], to);
  return await createImageBitmap(pixels);
}
