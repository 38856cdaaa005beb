import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Metadata, Sharp } from 'sharp';
import { ConfigError, messageOf, PictureError } from '../base/errors.js';
import { withoutHarmlessFaults } from './jpeg-faults.js';
import type { Picture } from './picture.js';

/** Options of {@link decodePicture}. */
export interface DecodeOptions {
  /** Width of the result in pixels, together with `height`; left out, the picture keeps its size. */
  width?: number;
  /** Height of the result in pixels, together with `width`. */
  height?: number;
  /** Pictures with more pixels are refused before they are decoded. Default: 100 million. */
  maxPixels?: number;
}

const DEFAULT_MAX_PIXELS = 100e6;

/** The longest side of a JPEG. Decoders keep many whole rows at once: of a picture of a million columns that is gigabytes. */
const MOST_SIDE = 65_535;

/** The formats that count as pictures, by sharp's names. AVIF goes by `heif`. */
const FORMATS = new Set<string | undefined>(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);

const NOT_A_PICTURE = 'not a picture that can be read: JPEG, PNG, WebP, GIF, TIFF and AVIF are';

const DAMAGED = 'truncated or damaged';

/**
 * Decodes a picture to 8-bit sRGB, turned upright by its EXIF orientation.
 *
 * Grey, palette, CMYK and 16-bit pictures are converted, embedded colour profiles applied; an alpha channel is dropped
 * and the colours under it kept, as `convert('RGB')` of Pillow does; of an animation, the first frame is taken.
 *
 * With `width` and `height` the picture is squashed to that size without regard to its proportions, as Keras's
 * `flow_from_directory` does. The filter is linear and widens with the reduction, so that no pixel of the source is
 * skipped; Keras's default is the nearest pixel, which breaks edges up when an 816-pixel photo becomes 227 pixels wide.
 * @param source path of a file, or the bytes of one.
 * @throws {PictureError} when there is no such file, or it is empty, not a picture, damaged, truncated or too large.
 *   A truncated JPEG is refused although its upper part could be decoded.
 */
export async function decodePicture(source: string | Uint8Array, options: DecodeOptions = {}): Promise<Picture> {
  const { width, height, maxPixels = DEFAULT_MAX_PIXELS } = options;
  if ((width === undefined) !== (height === undefined)) {
    throw new ConfigError('decodePicture: width and height go together, got only one of them');
  }
  const file = typeof source === 'string' ? source : '<buffer>';
  const bytes = typeof source === 'string' ? await readPictureFile(source) : source;
  if (bytes.length === 0) throw new PictureError(file, 'the file is empty');
  const header = await readHeader(file, bytes, maxPixels);
  const size = width === undefined || height === undefined ? undefined : { width, height };
  try {
    return await decode(bytes, header, size);
  } catch (error) {
    throw new PictureError(file, DAMAGED, { cause: error });
  }
}

/**
 * Checks by its first bytes alone that a file is a picture that {@link decodePicture} takes. That is quick, and misses
 * damage further on.
 * @throws {PictureError} when it is not a picture, or too large.
 */
export async function checkPictureHeader(file: string): Promise<void> {
  await readHeader(file, file, DEFAULT_MAX_PIXELS);
}

interface Size {
  width: number;
  height: number;
}

/**
 * Width and height of a picture in pixels, from its header alone, before its EXIF orientation is applied.
 * @throws {PictureError} when it is not a picture or holds more pixels than the limit, 100 million by default.
 */
export async function pictureSize(bytes: Uint8Array, maxPixels = DEFAULT_MAX_PIXELS): Promise<Size> {
  const { width, height } = await readHeader('<buffer>', bytes, maxPixels);
  return { width, height };
}

/**
 * The bytes of a picture file, which {@link decodePicture} and {@link pictureSize} take.
 * @throws {PictureError} when there is no such file, or it cannot be read.
 */
export async function readPictureFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new PictureError(file, readingReason(error), { cause: error });
  }
}

function readingReason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'not found';
    case 'EISDIR':
      return 'a folder, not a picture';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    default:
      return `cannot be read: ${messageOf(error)}`;
  }
}

async function readHeader(file: string, source: string | Uint8Array, maxPixels: number): Promise<Metadata> {
  let header: Metadata;
  try {
    header = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (error) {
    const unknown = messageOf(error).includes('unsupported image format');
    throw new PictureError(file, unknown ? NOT_A_PICTURE : DAMAGED, { cause: error });
  }
  if (!FORMATS.has(header.format)) throw new PictureError(file, NOT_A_PICTURE);
  if (Math.max(header.width, header.height) > MOST_SIDE) {
    throw new PictureError(file, `${header.width} × ${header.height} has a side above the limit of ${MOST_SIDE} pixels`);
  }
  const pixels = header.width * header.height;
  if (pixels > maxPixels) {
    throw new PictureError(
      file,
      `${header.width} × ${header.height} is ${pixels} pixels, above the limit of ${maxPixels}`,
      { hint: 'Scale the picture down, or raise maxPixels.' },
    );
  }
  return header;
}

/**
 * Decodes with every warning of the decoder taken for damage: a JPEG that was cut off and closed again gives no more
 * than a warning, and its lower part would be grey. What is known to be harmless is mended in a copy. The text of the
 * warning would be no help: libvips keeps its messages for all threads together, so it may be that of another picture.
 */
async function decode(bytes: Uint8Array, header: Metadata, size: Size | undefined): Promise<Picture> {
  try {
    return await decodeStrictly(bytes, header, size);
  } catch (error) {
    const mended = withoutHarmlessFaults(bytes);
    if (mended === undefined) throw error;
    return await decodeStrictly(mended, header, size);
  }
}

async function decodeStrictly(bytes: Uint8Array, header: Metadata, size: Size | undefined): Promise<Picture> {
  const upright = sharp(bytes, { failOn: 'warning', limitInputPixels: false, autoOrient: true });
  if (size === undefined) return rawPicture(upright);
  if (!header.hasAlpha) return rawPicture(squash(upright, size));
  // Resizing weighs colours by their alpha and turns what is fully transparent black, so alpha must go before.
  const opaque = await rawPicture(upright);
  const raw = { width: opaque.width, height: opaque.height, channels: 3 } as const;
  return rawPicture(squash(sharp(opaque.data, { raw, limitInputPixels: false }), size));
}

function squash(picture: Sharp, { width, height }: Size): Sharp {
  return picture.resize(width, height, { fit: 'fill', kernel: 'linear' });
}

async function rawPicture(pipeline: Sharp): Promise<Picture> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  // Not as a Buffer: loops over pixels are compiled for one kind of array, and reduced copies are plain arrays.
  const levels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { data: levels, width: info.width, height: info.height };
}
