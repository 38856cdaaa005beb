/** A network and its weights as a safetensors file, for other programs and for import. */
import { z } from 'zod';
import type { Alignment } from '../base/alignment.js';
import { alignmentSchema } from '../base/alignment.js';
import { storedClassNames } from '../base/classes.js';
import { FormatError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { parseJson } from '../base/json.js';
import type { LayerDescription } from '../nn/description.js';
import { networkDescription } from '../nn/description.js';
import type { OutputCalibration } from '../nn/network.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const FORMAT = 'ageband-model';
const VERSION = '1';

/** A network with its weights. */
export interface StoredModel {
  readonly name: string;
  readonly layers: readonly LayerDescription[];
  /** Height and width of the pictures, in pixels. */
  readonly imageSize: number;
  readonly classes: readonly string[];
  /** Parameters as `layer.role`: kernels of convolutions [O, I, kH, kW], of dense layers [I, O]. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** What is done to the logits before the softmax, if that is said. */
  readonly calibration?: OutputCalibration & { readonly temperature: number };
  /** How the faces that it takes are cut out, if that is said. */
  readonly alignment?: Alignment;
}

const json = z.string().transform(parseJson);

const metadataSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION, `only version ${VERSION} can be read`),
  model: z.string().min(1),
  network: json.pipe(networkDescription),
  classes: json.pipe(storedClassNames),
  image_size: z.coerce.number().pipe(z.int().min(1).max(4096)),
  alignment: json.pipe(alignmentSchema).optional(),
  temperature: z.coerce.number().pipe(z.number().positive()).optional(),
  logit_offsets: json.pipe(z.array(z.number())).optional(),
});

/** The file in chunks, to be written one after the other. All it says beside the weights stands in its metadata. */
export function writeModelSafetensors(model: StoredModel): Uint8Array[] {
  const { name, layers, imageSize, classes, weights, calibration, alignment } = model;
  return writeSafetensors(weights, {
    ...{ format: FORMAT, version: VERSION, model: name, network: JSON.stringify(layers) },
    ...{ classes: JSON.stringify(classes), image_size: String(imageSize) },
    ...{ layout: 'NCHW, convolutions OIHW, dense IO', colours: 'RGB', scale: '1/255' },
    ...(alignment && { alignment: JSON.stringify(alignment) }),
    ...(calibration && { temperature: String(calibration.temperature) }),
    ...(calibration?.offsets && { logit_offsets: JSON.stringify(calibration.offsets) }),
  });
}

/**
 * Reads what {@link writeModelSafetensors} wrote. Whether the weights are those of the network is not checked.
 * @throws {FormatError} when the file is damaged, or says nothing of its network
 */
export function readModelSafetensors(bytes: Uint8Array, file: string): StoredModel {
  const { tensors, metadata } = readSafetensors(bytes, file, { anyFloats: true });
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) {
    const reason = metadata['format'] === FORMAT ? `has damaged metadata: ${z.prettifyError(parsed.error)}` : 'does not say of what network it holds the weights';
    throw new FormatError(file, reason, { hint: 'Files that `ageband export` wrote say it.' });
  }
  const { model: name, network: layers, classes, image_size: imageSize, alignment, temperature, logit_offsets: offsets } = parsed.data;
  requireOffsetsOf(classes, offsets, file);
  const calibration = temperature === undefined ? undefined : { temperature, ...(offsets && { offsets }) };
  return { name, layers, imageSize, classes, weights: tensors, ...(calibration && { calibration }), ...(alignment && { alignment }) };
}

/** @throws {FormatError} when a file holds offsets of other classes than its own */
export function requireOffsetsOf(classes: readonly string[], offsets: readonly number[] | undefined, file: string): void {
  if (offsets === undefined || offsets.length === classes.length) return;
  throw new FormatError(file, `has damaged metadata: ${offsets.length} logit_offsets for ${classes.length} classes`);
}
