import type { RandomStream } from '../base/random.js';
import { warpAffine } from './affine.js';
import { alterPlanes, drawAlteration } from './alter.js';
import { augmentationMatrix, drawAugmentation } from './augment.js';
import type { Augmentation } from './augment.js';
import { decodePicture } from './decode.node.js';
import { encodePicture } from './encode.node.js';
import { erase } from './noise.js';
import { writePlanes } from './picture.js';
import type { Picture } from './picture.js';
import { readPlanes } from './planes.js';
import type { Planes } from './planes.js';

/**
 * Varies a square picture for training: moves it, alters its colours and sharpness, takes it through JPEG, erases a
 * part. What comes out depends on the picture, the ranges and the stream alone.
 * @param target receives [3, H, W], sRGB, 0..1, of the picture's own size.
 * @throws {ShapeError} when that does not fit.
 */
export async function varyPicture(
  picture: Picture,
  augmentation: Augmentation,
  stream: RandomStream,
  target: Float32Array,
): Promise<void> {
  const { width, height } = picture;
  const variation = drawAugmentation(stream, augmentation, width);
  const alteration = drawAlteration(stream, augmentation, width);
  warpAffine(picture, augmentationMatrix(variation, height, width), target);
  const planes = { data: target, width, height };
  alterPlanes(planes, alteration);
  if (alteration.jpeg !== undefined) await compressPlanes(planes, alteration.jpeg);
  if (alteration.erased !== undefined) erase(planes, alteration.erased, alteration.eraseSeed);
}

/** Planes after a way through JPEG, in place. @param quality 1..100 */
async function compressPlanes(planes: Planes, quality: number): Promise<void> {
  const bytes = await encodePicture(readPlanes(planes), 'jpeg', quality);
  writePlanes(await decodePicture(bytes), planes.data);
}
