import { ShapeError } from '../base/errors.js';

/** A decoded picture in memory. */
export interface Picture {
  /** 8-bit sRGB, interleaved: [height, width, 3]. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Endings of file names taken for pictures. BMP cannot be decoded; it is among them to be reported, not passed over. */
const PICTURE_NAME = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;

/** Whether a file is a picture, judged by its name alone. */
export function isPictureName(name: string): boolean {
  return PICTURE_NAME.test(name);
}

/**
 * Writes a picture as a network takes it: planes [3, H, W], each value divided by 255.
 * @param target receives 3·H·W values in 0..1 from `offset` on.
 * @throws {ShapeError} when they do not fit.
 */
export function writePlanes(picture: Picture, target: Float32Array, offset = 0): void {
  requireRoom('writePlanes', picture, target, offset);
  const { data } = picture;
  const plane = picture.width * picture.height;
  for (let channel = 0; channel < 3; channel++) {
    const start = offset + channel * plane;
    for (let pixel = 0, source = channel; pixel < plane; pixel++, source += 3) {
      target[start + pixel] = data[source]! / 255;
    }
  }
}

/** @throws {ShapeError} when planes of the picture's size do not fit into `target` from `offset` on. */
export function requireRoom(caller: string, picture: Picture, target: Float32Array, offset: number): void {
  const { width, height, data } = picture;
  const needed = 3 * width * height;
  if (data.length !== needed) {
    throw new ShapeError(`${caller}: a picture of ${width} × ${height} holds ${needed} bytes, got ${data.length}`);
  }
  if (offset < 0 || offset + needed > target.length) {
    throw new ShapeError(`${caller}: ${needed} values from ${offset} on do not fit into ${target.length}`);
  }
}
