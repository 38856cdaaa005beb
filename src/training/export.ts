import { writeFileAtomic } from '../base/files.node.js';
import type { MapMethod } from '../explain/class-maps.js';
import { explanationModel } from '../explain/explanation-model.js';
import { getModel } from '../models/registry.js';
import { parameterSpecs } from '../nn/network.js';
import { readCalibration } from './calibration.js';
import { checkFits, loadCheckpoint, parametersOf } from './checkpoint.js';
import { parseConfig } from './config.js';
import { inferenceModel } from './inference-model.js';
import type { RunFolder } from './run-folder.js';
import { openRun, readConfig } from './run-folder.js';

export interface ExportOptions {
  /** Which weights: the best by validation (the default), or the last. */
  readonly checkpoint?: 'best' | 'last';
}

/**
 * The network of a run as the bytes of an ONNX file for inference, with the temperature if one was fitted.
 * @throws {ConfigError} when the folder holds no run
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function runModel(run: string, options: ExportOptions = {}): Promise<Uint8Array> {
  return inferenceModel(await loadCalibrated(run, options));
}

export interface ExportExplainerOptions extends ExportOptions {
  /** How maps are made. Default: `grad-cam`. */
  readonly method?: MapMethod;
  /** Name of the convolution whose activations are looked at. Default: the last one. */
  readonly layer?: string;
}

/**
 * Writes the network of a run as an ONNX model that explains pictures, one at a time; see `explanationModel`.
 * @throws {ConfigError} when the network does not allow the method, or has no such layer; else as {@link runModel}
 */
export async function exportExplainer(run: string, file: string, options: ExportExplainerOptions = {}): Promise<void> {
  const { method, layer } = options;
  const { bytes } = explanationModel({
    ...(await loadCalibrated(run, options)),
    ...(method === undefined ? {} : { method }),
    ...(layer === undefined ? {} : { layer }),
  });
  await writeFileAtomic(file, bytes);
}

/** The network of a run, its weights, and the temperature if one was fitted. @throws as {@link runModel} */
export async function loadCalibrated(run: string, { checkpoint = 'best' }: ExportOptions = {}) {
  const folder = await openRun(run);
  const loaded = await loadNetwork(folder, checkpoint);
  const calibration = await readCalibration(folder, checkpoint, loaded.weights);
  return { ...loaded, ...(calibration && { temperature: calibration.temperature }) };
}

/** Writes {@link runModel} to a file. */
export async function exportRun(run: string, file: string, options: ExportOptions = {}): Promise<void> {
  await writeFileAtomic(file, await runModel(run, options));
}

/**
 * The network of a run and the weights of a checkpoint.
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function loadNetwork(folder: RunFolder, checkpoint: 'best' | 'last') {
  const { model, imageSize, classes = [] } = parseConfig(await readConfig(folder));
  const file = folder.checkpointFile(checkpoint);
  const weights = parametersOf(await loadCheckpoint(file));
  const network = getModel(model);
  checkFits({ tensors: weights }, parameterSpecs(network, { imageSize, classes: classes.length }), file);
  return { network, imageSize, classes, weights };
}
