import type { RandomStream } from '../base/random.js';
import type { AffineMatrix } from './affine.js';
import { NO_ALTERATION } from './alter.js';
import type { Alterations } from './alter.js';

/** How far pictures are varied at random while a network is trained; the first are Keras's `ImageDataGenerator`'s. */
export interface Augmentation extends Alterations {
  /** Largest shift to the left or right, as a fraction of the width. */
  readonly widthShift: number;
  /** Largest shift up or down, as a fraction of the height. */
  readonly heightShift: number;
  /** Largest shear angle, in degrees as in Keras 2 (Keras 1 took radians): the common 0.2 is next to nothing. */
  readonly shear: number;
  /** Zoom factors are drawn from [1 - zoom, 1 + zoom], one for the height and one for the width; below 1. */
  readonly zoom: number;
  /** Whether half of the pictures are mirrored. */
  readonly horizontalFlip: boolean;
  /** Largest rotation, in degrees. */
  readonly rotation: number;
  /** What fills the parts that come from outside the picture: its nearest pixel. */
  readonly fill: 'nearest';
}

/** The augmentation of the report that this project reproduces. */
export const REPORT_AUGMENTATION: Augmentation = {
  widthShift: 0.2,
  heightShift: 0.2,
  shear: 0.2,
  zoom: 0.2,
  horizontalFlip: true,
  rotation: 0,
  fill: 'nearest',
  ...NO_ALTERATION,
};

/** One drawn variation. Factors and shifts apply to source coordinates: a zoom below 1 enlarges, as in Keras. */
export interface Variation {
  /** Degrees. */
  readonly rotation: number;
  /** Keras's `tx`, in pixels; it moves rows. */
  readonly rowShift: number;
  /** Keras's `ty`, in pixels; it moves columns. */
  readonly columnShift: number;
  /** Degrees. */
  readonly shear: number;
  /** Keras's `zx`. */
  readonly rowZoom: number;
  /** Keras's `zy`. */
  readonly columnZoom: number;
  /** Mirrors left and right, after everything else. */
  readonly flip: boolean;
}

/** Draws the variation of one picture of `size` × `size` pixels. Always takes seven numbers from the stream. */
export function drawAugmentation(stream: RandomStream, augmentation: Augmentation, size: number): Variation {
  const within = (range: number): number => stream.uniformBetween(-range, range);
  return {
    rotation: within(augmentation.rotation),
    rowShift: within(augmentation.heightShift) * size,
    columnShift: within(augmentation.widthShift) * size,
    shear: within(augmentation.shear),
    rowZoom: 1 + within(augmentation.zoom),
    columnZoom: 1 + within(augmentation.zoom),
    flip: stream.uniform() < 0.5 && augmentation.horizontalFlip,
  };
}

/**
 * The one matrix of a variation, as Keras 2 composes it (`apply_affine_transform` and `flip_axis` of
 * keras-preprocessing 1.0 and 1.1): rotation · shift · shear · zoom about the centre, then the mirror.
 *
 * The centre is (height/2 + 0.5, width/2 + 0.5), one pixel beyond the true one: every release of Keras 2 from before
 * 2021 has it so, and that is what the report was trained with. It shifts a picture by at most a fraction `zoom` of a
 * pixel.
 */
export function augmentationMatrix(variation: Variation, height: number, width: number): AffineMatrix {
  const rotation = radians(variation.rotation);
  const sheared = rotation + radians(variation.shear);
  // rotation · shear = [cos r, -sin(r+s); sin r, cos(r+s)], and zoom scales the columns of that.
  const a = Math.cos(rotation) * variation.rowZoom;
  const b = -Math.sin(sheared) * variation.columnZoom;
  const d = Math.sin(rotation) * variation.rowZoom;
  const e = Math.cos(sheared) * variation.columnZoom;
  const rowShift = Math.cos(rotation) * variation.rowShift - Math.sin(rotation) * variation.columnShift;
  const columnShift = Math.sin(rotation) * variation.rowShift + Math.cos(rotation) * variation.columnShift;
  const centreRow = height / 2 + 0.5;
  const centreColumn = width / 2 + 0.5;
  const c = centreRow + rowShift - a * centreRow - b * centreColumn;
  const f = centreColumn + columnShift - d * centreRow - e * centreColumn;
  const last = width - 1;
  return variation.flip ? [a, -b, c + b * last, d, -e, f + e * last] : [a, b, c, d, e, f];
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
