import { stat } from 'node:fs/promises';
import { EngineError, FileError, FormatError } from '../base/errors.js';
import { readFileIfPresent } from '../base/files.node.js';
import type { HostTensor } from '../base/tensor.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import type { InputContract } from '../formats/onnx-contract.js';
import { readCalibrationMetadata, readContract } from '../formats/onnx-contract.js';
import type { StoredModel } from '../formats/model-safetensors.js';
import { readOnnxNetwork } from '../formats/onnx-network.js';
import { describedNetwork } from '../nn/description.js';
import type { TrainedNetwork } from '../nn/network.js';
import { loadCalibrated, runModel } from '../training/export.js';

/** A model for inference and what must be known to feed it. */
export interface LoadedModel extends InputContract {
  /** ONNX: `images` [N, 3, H, W] in, `probabilities` [N, classes] out. */
  readonly bytes: Uint8Array;
  /** What the graph does to the logits, if it does anything. */
  readonly calibration: StoredModel['calibration'];
}

/**
 * Loads the network of a run, or an exported ONNX file.
 * @param source folder of a run, or path of an ONNX file
 * @throws {FileError} {ConfigError} {FormatError} when there is no such model, or it cannot be used
 */
export async function loadModel(source: string, checkpoint: 'best' | 'last' = 'best'): Promise<LoadedModel> {
  const bytes = (await isFolder(source)) ? await runModel(source, { checkpoint }) : await readModelFile(source);
  const metadata = readOnnxMetadata(bytes, source);
  const contract = readContract(metadata);
  if (contract === undefined) {
    throw new FormatError(source, 'says nothing about its classes and picture size', {
      hint: 'Use a file that `ageband export` wrote.',
    });
  }
  return { bytes, calibration: readCalibrationMetadata(metadata), ...contract };
}

/**
 * Loads the layers and weights of a run, or of an ONNX file that was exported from one.
 * @throws {FormatError} when an ONNX file does not hold its layers; else as {@link loadModel}
 */
export async function loadTrained(source: string, checkpoint: 'best' | 'last' = 'best'): Promise<TrainedNetwork> {
  if (await isFolder(source)) return await loadCalibrated(source, { checkpoint });
  const { name, layers, ...rest } = readOnnxNetwork(await readModelFile(source), source);
  return { network: describedNetwork(name, layers), ...rest };
}

async function isFolder(source: string): Promise<boolean> {
  return (await stat(source).catch(() => undefined))?.isDirectory() ?? false;
}

async function readModelFile(source: string): Promise<Uint8Array> {
  const bytes = await readFileIfPresent(source);
  if (bytes !== undefined) return bytes;
  throw new FileError(source, 'there is no such model', { hint: 'Give the folder of a run or an exported ONNX file.' });
}

/**
 * @param probabilities what a model gives, [N, classes]
 * @throws {EngineError} when the model is another than its metadata say
 */
export function requireClasses({ shape }: HostTensor, classes: readonly string[]): void {
  const given = shape[1] ?? 0;
  if (given !== classes.length) throw new EngineError(`the model gives ${given} probabilities for ${classes.length} classes`);
}
