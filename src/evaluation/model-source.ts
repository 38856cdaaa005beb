import { stat } from 'node:fs/promises';
import { EngineError, FileError, FormatError } from '../base/errors.js';
import { readFileIfPresent } from '../base/files.node.js';
import type { HostTensor } from '../base/tensor.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import type { InputContract } from '../formats/onnx-contract.js';
import { readContract, readTemperature } from '../formats/onnx-contract.js';
import { readYearRanges } from '../formats/onnx-network.js';
import type { YearRange } from '../nn/layers/index.js';
import { runModel } from '../training/export.js';

/** A model for inference and what must be known to feed it. */
export interface LoadedModel extends InputContract {
  /** ONNX: `images` [N, 3, H, W] in, `probabilities` [N, classes] out. */
  readonly bytes: Uint8Array;
  /** What the graph divides the logits by, if it does. */
  readonly temperature: number | undefined;
  /** The years of each band, where it tells single years. */
  readonly yearRanges: readonly YearRange[] | undefined;
}

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
  const contract = readContract(metadata);
  if (contract === undefined) {
    throw new FormatError(source, 'says nothing about its classes and picture size', {
      hint: 'Use a file that `ageband export` wrote.',
    });
  }
  return { bytes, temperature: readTemperature(metadata), yearRanges: readYearRanges(metadata), ...contract };
}

/**
 * @param probabilities what a model gives, [N, classes]
 * @throws {EngineError} when the model is another than its metadata say
 */
export function requireClasses({ shape }: HostTensor, classes: readonly string[]): void {
  const given = shape[1] ?? 0;
  if (given !== classes.length) throw new EngineError(`the model gives ${given} probabilities for ${classes.length} classes`);
}
