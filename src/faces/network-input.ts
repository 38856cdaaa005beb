import type { Alignment } from '../base/alignment.js';
import type { Picture } from '../images/picture.js';
import { alignFace } from './align.js';
import type { Face } from './face.js';

/**
 * A face as a network takes it that was trained on the crops of `ageband crop`: aligned, and of the network's size at once.
 * @param imageSize height and width of the network's input, in pixels
 * @param alignment that of the crops; by default that of `ageband crop`
 */
export function faceForNetwork(
  picture: Picture,
  { landmarks }: Pick<Face, 'landmarks'>,
  imageSize: number,
  alignment: Partial<Alignment> = {},
): Picture {
  return alignFace(picture, landmarks, { ...alignment, size: imageSize, antialias: true });
}
