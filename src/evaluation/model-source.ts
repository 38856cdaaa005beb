import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { FileError, FormatError } from '../base/errors.js';
import { readFileIfPresent } from '../base/files.node.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import { classNames } from '../training/config.js';
import { runModel } from '../training/export.js';

/** A model for inference and what must be known to feed it. */
export interface LoadedModel {
  /** ONNX: `images` [N, 3, H, W] in, `probabilities` [N, classes] out. */
  readonly bytes: Uint8Array;
  readonly classes: readonly string[];
  /** Height and width of the input, in pixels. */
  readonly imageSize: number;
}

const metadataSchema = z.object({
  classes: classNames.max(1000),
  imageSize: z.coerce.number().int().min(1).max(4096),
});

/**
 * Loads the network of a run, or an exported ONNX file.
 * @param source folder of a run, or path of an ONNX file
 * @throws {FileError} {ConfigError} {FormatError} when there is no such model, or it cannot be used
 */
export async function loadModel(source: string, checkpoint: 'best' | 'last' = 'best'): Promise<LoadedModel> {
  const status = await stat(source).catch(() => undefined);
  const isRun = status?.isDirectory() ?? false;
  const bytes = isRun ? await runModel(source, { checkpoint }) : await readFileIfPresent(source);
  if (bytes === undefined) {
    throw new FileError(source, 'there is no such model', { hint: 'Give the folder of a run or an exported ONNX file.' });
  }
  const metadata = readOnnxMetadata(bytes, source);
  const parsed = metadataSchema.safeParse({
    classes: parseJson(metadata.get('ageband.classes')),
    imageSize: metadata.get('ageband.image_size'),
  });
  if (!parsed.success) {
    throw new FormatError(source, 'says nothing about its classes and picture size', {
      hint: 'Use a file that `ageband export` wrote.',
    });
  }
  return { bytes, ...parsed.data };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
