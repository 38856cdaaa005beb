import { writeFileAtomic } from '../base/files.node.js';
import { getModel } from '../models/registry.js';
import { parameterSpecs } from '../nn/network.js';
import { checkFits, loadCheckpoint, parametersOf } from './checkpoint.js';
import { parseConfig } from './config.js';
import type { InferenceModelOptions } from './inference-model.js';
import { inferenceModel } from './inference-model.js';
import { openRun, readConfig } from './run-folder.js';

export interface ExportOptions {
  /** Which weights: the best by validation (the default), or the last. */
  readonly checkpoint?: 'best' | 'last';
}

/**
 * The network of a run with its weights.
 * @throws {ConfigError} when the folder holds no run
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function loadNetwork(
  run: string,
  { checkpoint = 'best' }: ExportOptions = {},
): Promise<InferenceModelOptions> {
  const folder = await openRun(run);
  const { model, imageSize, classes = [] } = parseConfig(await readConfig(folder));
  const file = folder.checkpointFile(checkpoint);
  const weights = parametersOf(await loadCheckpoint(file));
  const network = getModel(model);
  checkFits({ tensors: weights }, parameterSpecs(network, { imageSize, classes: classes.length }), file);
  return { network, weights, imageSize, classes };
}

/** The network of a run as the bytes of an ONNX file for inference. @throws as {@link loadNetwork} */
export async function runModel(run: string, options: ExportOptions = {}): Promise<Uint8Array> {
  return inferenceModel(await loadNetwork(run, options));
}

/** Writes {@link runModel} to a file. */
export async function exportRun(run: string, file: string, options: ExportOptions = {}): Promise<void> {
  await writeFileAtomic(file, await runModel(run, options));
}
