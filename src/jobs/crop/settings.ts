import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../base/errors.js';
import { parseSettings } from '../../base/settings.js';
import { ALIGNMENT_TEMPLATES } from '../../faces/align.js';
import { absoluteSource } from '../job-pictures.js';
import { PICTURE_FORMATS } from '../../images/encode.node.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { DEVICE_CHOICES } from '../../runtime/device.js';

const count = z.number().int().min(1);

/** What crops look like. */
export const looksSchema = z.strictObject({
  /** Width and height of a crop, in pixels. */
  size: count.max(4096).default(227),
  /** Which points of the face go where in the crop. */
  template: z.enum(ALIGNMENT_TEMPLATES).default('outer-eyes-and-nose'),
  /** How much more a crop shows on each side, as a fraction of what it shows without. */
  margin: z.number().gt(-0.5).max(4).default(0),
  format: z.enum(PICTURE_FORMATS).default('jpeg'),
  /** Of JPEG and WebP. The default is that of `cv2.imwrite`, with which the report wrote its crops. */
  quality: z.number().int().min(1).max(100).default(95),
  /** A crop of every face instead of the largest alone. */
  allFaces: z.boolean().default(false),
  /** Faces of fewer pixels do not count; see `size` of a face's quality. */
  minSize: z.number().min(0).default(0),
  /** What becomes of a picture without a face: `keep` squashes the whole picture to the size, as the report does. */
  noFace: z.enum(['keep', 'skip']).default('keep'),
});
export type CropLooks = z.output<typeof looksSchema>;

const optionsSchema = z.strictObject({
  /** Folder of pictures, CSV manifest, list of addresses, address, or one or several fold files of Adience. */
  source: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** Folder of the crops. */
  out: z.string().min(1),
  /** Folder that the file names of a manifest start from; its own folder by default. */
  root: z.string().min(1).optional(),
  ...looksSchema.shape,
  /** What computes. */
  device: z.enum(DEVICE_CHOICES).default('cpu'),
  /** Worker threads; one per core by default, one alone on WebGPU. */
  workers: count.optional(),
});

/** Options of `cropPictures`; what is left out takes the default. */
export type CropOptions = z.input<typeof optionsSchema>;

/** Everything that decides what the crops of a source look like. */
export type CropSettings = Omit<z.output<typeof optionsSchema>, 'out' | 'device' | 'workers'>;

/** The same with where and how. */
export interface CropPlan {
  readonly settings: CropSettings;
  readonly out: string;
  readonly device: DeviceChoice;
  readonly workers: number | undefined;
}

/** @throws {ConfigError} naming every option that cannot be used */
export function planCrops(options: CropOptions): CropPlan {
  if (options.format === 'png' && options.quality !== undefined) {
    throw new ConfigError('quality: PNG keeps every pixel and has no quality', {
      hint: 'Leave the quality out, or choose jpeg or webp.',
    });
  }
  const { out, device, workers, source, root, ...looks } = parseSettings(optionsSchema, options);
  const settings = { source: absolute(source), ...(root === undefined ? {} : { root: resolve(root) }), ...looks };
  return { settings, out, device, workers };
}

/** What of the settings every picture is cropped by, wherever it comes from. */
export function looksOf({ source: _source, root: _root, ...looks }: CropSettings): CropLooks {
  return looks;
}

/** One path is a path, however it was given. */
function absolute(source: string | readonly string[]): string | string[] {
  const paths = [...new Set([source].flat().map(absoluteSource))];
  return paths.length === 1 ? paths[0]! : paths;
}
