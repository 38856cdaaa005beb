import type { Picture } from '../../src/images/picture.js';
import { blurred, grey, oldPrint, shrunk, turned } from '../picture-changes.js';

/** How pictures can be changed before they are shown, to see what still works on worse ones. */
export const CHANGES = {
  none: (picture) => Promise.resolve(picture),
  grey,
  'old-print': oldPrint,
  blurred: (picture) => blurred(picture, 3),
  small: (picture) => shrunk(picture, 48),
  'turned-30': (picture) => turned(picture, 30),
  'turned-90': (picture) => turned(picture, 90),
} satisfies Record<string, (picture: Picture) => Promise<Picture>>;

export type ChangeName = keyof typeof CHANGES;
