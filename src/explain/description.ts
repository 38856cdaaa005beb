/** What must be known to feed an explanation model and to draw what it gives; it stands in the file's metadata. */
import { z } from 'zod';
import { FormatError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import type { InputContract } from '../formats/onnx-contract.js';
import { contractMetadata, readContract } from '../formats/onnx-contract.js';
import { MAP_METHODS } from './map-methods.js';
import type { MapMethod } from './map-methods.js';

export interface ExplanationDescription extends InputContract {
  readonly method: MapMethod;
  /** Name of the layer whose activations the maps are made of. */
  readonly layer: string;
  /** Height and width of a map, in cells. */
  readonly height: number;
  readonly width: number;
}

const side = z.coerce.number().int().min(1).max(4096);
const mapSchema = z.object({ method: z.enum(MAP_METHODS), layer: z.string().min(1), height: side, width: side });

/** The metadata of an explanation model. */
export function metadataOf({ classes, imageSize, alignment, ...map }: ExplanationDescription): Record<string, string> {
  const contract = { classes, imageSize, ...(alignment && { alignment }) };
  return { ...contractMetadata(contract), 'ageband.explanation': JSON.stringify(map) };
}

/**
 * Reads the description of an explanation model back from its file.
 * @param name for messages
 * @throws {FormatError} when it is no ONNX model, or none that explains
 */
export function describeExplanationModel(bytes: Uint8Array, name = '<buffer>'): ExplanationDescription {
  const metadata = readOnnxMetadata(bytes, name);
  const contract = readContract(metadata);
  const map = mapSchema.safeParse(parseJson(metadata.get('ageband.explanation'))).data;
  if (contract === undefined || map === undefined) {
    throw new FormatError(name, 'is no model that explains', { hint: 'Use a file that `ageband export --explain` wrote.' });
  }
  return { ...contract, ...map };
}
