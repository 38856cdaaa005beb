import { z } from 'zod';
import { BEST_JPEG } from '../images/alter.js';
import type { Augmentation } from '../images/augment.js';
import { REPORT_AUGMENTATION } from '../images/augment.js';

const share = z.number().min(0).max(1);
const nonNegative = z.number().min(0);
const reduces = (factor: number): boolean => factor === 0 || factor >= 1;
const REDUCES = 'must be 0 or at least 1';

/** The options that say how far training pictures are varied; see `Augmentation`. The defaults are the report's. */
export const augmentationFields = {
  /** Greatest shifts as shares of width and height, greatest shear and rotation in degrees, greatest zoom as a share. */
  widthShift: nonNegative.default(REPORT_AUGMENTATION.widthShift),
  heightShift: nonNegative.default(REPORT_AUGMENTATION.heightShift),
  shear: nonNegative.default(REPORT_AUGMENTATION.shear),
  zoom: z.number().min(0).lt(1).default(REPORT_AUGMENTATION.zoom),
  horizontalFlip: z.boolean().default(REPORT_AUGMENTATION.horizontalFlip),
  rotation: nonNegative.default(REPORT_AUGMENTATION.rotation),
  /** Greatest changes as shares, greatest turn of the hue in degrees, share of pictures made grey. */
  brightness: share.default(REPORT_AUGMENTATION.brightness),
  contrast: share.default(REPORT_AUGMENTATION.contrast),
  saturation: share.default(REPORT_AUGMENTATION.saturation),
  hue: z.number().min(0).max(180).default(REPORT_AUGMENTATION.hue),
  greyscale: share.default(REPORT_AUGMENTATION.greyscale),
  /** Greatest blur in pixels, greatest factor of a reduction, greatest noise, lowest quality, share with a part erased. */
  blur: z.number().min(0).max(20).default(REPORT_AUGMENTATION.blur),
  downscale: z.number().min(0).max(20).refine(reduces, REDUCES).default(REPORT_AUGMENTATION.downscale),
  noise: share.default(REPORT_AUGMENTATION.noise),
  jpeg: z.number().int().min(0).max(BEST_JPEG).default(REPORT_AUGMENTATION.jpeg),
  erase: share.default(REPORT_AUGMENTATION.erase),
};

const ranges = z.object(augmentationFields);

/** Their names. */
export const AUGMENTATION_OPTIONS = ranges.keyof().options;

/** How training pictures are varied, out of all settings of a run. */
export function augmentationRanges(settings: z.infer<typeof ranges>): Augmentation {
  return { ...ranges.parse(settings), fill: REPORT_AUGMENTATION.fill };
}
