/** What must be known to feed an explanation model and to draw what it gives; it stands in the file's metadata. */
import { z } from 'zod';
import { FormatError } from '../base/errors.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import { MAP_METHODS } from './class-maps.js';
import type { MapMethod } from './class-maps.js';

export interface ExplanationDescription {
  readonly method: MapMethod;
  /** Name of the layer whose activations the maps are made of. */
  readonly layer: string;
  readonly classes: readonly string[];
  /** Height and width of the input, in pixels. */
  readonly imageSize: number;
  /** Height and width of a map, in cells. */
  readonly height: number;
  readonly width: number;
}

const side = z.coerce.number().int().min(1).max(4096);
const schema = z.object({
  method: z.enum(MAP_METHODS),
  layer: z.string().min(1),
  classes: z.array(z.string().min(1)).min(2).max(1000),
  imageSize: side,
  height: side,
  width: side,
});

/** The metadata of an explanation model. */
export function metadataOf({ classes, imageSize, ...map }: ExplanationDescription): Record<string, string> {
  return {
    'ageband.classes': JSON.stringify(classes),
    'ageband.image_size': String(imageSize),
    'ageband.layout': 'NCHW',
    'ageband.colours': 'RGB',
    'ageband.scale': '1/255',
    'ageband.crop': 'whole picture, squashed to a square',
    'ageband.explanation': JSON.stringify(map),
  };
}

/**
 * Reads the description of an explanation model back from its file.
 * @param name for messages
 * @throws {FormatError} when it is no ONNX model, or none that explains
 */
export function describeExplanationModel(bytes: Uint8Array, name = '<buffer>'): ExplanationDescription {
  const metadata = readOnnxMetadata(bytes, name);
  const parsed = schema.safeParse({
    ...(parseJson(metadata.get('ageband.explanation')) as object),
    classes: parseJson(metadata.get('ageband.classes')),
    imageSize: metadata.get('ageband.image_size'),
  });
  if (!parsed.success) {
    throw new FormatError(name, 'is no model that explains', { hint: 'Use a file that `ageband export --explain` wrote.' });
  }
  return parsed.data;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
