/** A network and its weights as a safetensors file, for other programs and for import. */
import { storedClassNames } from '../base/classes.js';
import { z } from 'zod';
import { FormatError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { parseJson } from '../base/json.js';
import type { LayerDescription } from '../nn/description.js';
import { networkDescription } from '../nn/description.js';
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
}

const metadataSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION, `only version ${VERSION} can be read`),
  model: z.string().min(1),
  network: z.string().transform(parseJson).pipe(networkDescription),
  classes: z.string().transform(parseJson).pipe(storedClassNames),
  image_size: z.coerce.number().pipe(z.int().min(1).max(4096)),
});

/** The file in chunks, to be written one after the other. All it says beside the weights stands in its metadata. */
export function writeModelSafetensors({ name, layers, imageSize, classes, weights }: StoredModel): Uint8Array[] {
  return writeSafetensors(weights, {
    ...{ format: FORMAT, version: VERSION, model: name, network: JSON.stringify(layers) },
    ...{ classes: JSON.stringify(classes), image_size: String(imageSize) },
    ...{ layout: 'NCHW, convolutions OIHW, dense IO', colours: 'RGB', scale: '1/255' },
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
  const { model: name, network: layers, classes, image_size: imageSize } = parsed.data;
  return { name, layers, imageSize, classes, weights: tensors };
}
