import { extname } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import type { MapMethod } from '../explain/map-methods.js';
import { explanationModel } from '../explain/explanation-model.js';
import type { ArrayListener } from '../formats/hdf5.js';
import { writeKerasArchive, writeKerasH5 } from '../formats/keras/write.js';
import { writeModelSafetensors } from '../formats/model-safetensors.js';
import { parameterSpecs } from '../nn/network.js';
import { readCalibration } from './calibration.js';
import { checkFits, loadCheckpoint, parametersOf } from './checkpoint.js';
import { networkOf, parseConfig } from './config.js';
import { EXPORT_FORMATS } from './export-formats.js';
import type { ExportFormat } from './export-formats.js';
import { inferenceModel } from './inference-model.js';
import type { RunFolder } from './run-folder.js';
import { openRun, readConfig } from './run-folder.js';

/** @param verb what has been done with the bytes: `put together` or `written` */
export type ExportListener = (done: number, total: number, verb: string) => void;

interface CheckpointChoice {
  /** Which weights: the best by validation (the default), or the last. */
  readonly checkpoint?: 'best' | 'last';
}

export interface ExportOptions extends CheckpointChoice {
  /** By default what the name of the file ends in. */
  readonly format?: ExportFormat;
  /** Whether an ONNX file keeps each weight as 8 bits, for a quarter of the size. Default: no. */
  readonly eightBits?: boolean;
}

/**
 * The network of a run as the bytes of an ONNX file for inference, with the temperature if one was fitted.
 * @throws {ConfigError} when the folder holds no run
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function runModel(run: string, options: Omit<ExportOptions, 'format'> = {}): Promise<Uint8Array> {
  const { eightBits = false, ...choice } = options;
  return inferenceModel({ ...(await loadCalibrated(run, choice)), eightBits });
}

export interface ExportExplainerOptions extends CheckpointChoice {
  /** How maps are made. Default: `hires-cam`. */
  readonly method?: MapMethod;
  /** Name of the convolution whose activations are looked at. Default: the last whose map has 5 × 5 cells or more. */
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
export async function loadCalibrated(run: string, { checkpoint = 'best' }: CheckpointChoice = {}) {
  const folder = await openRun(run);
  const loaded = await loadNetwork(folder, checkpoint);
  const calibration = await readCalibration(folder, checkpoint, loaded.weights);
  return { ...loaded, ...(calibration && { calibration }) };
}

/**
 * Writes the network of a run to a file: ONNX for inference as {@link runModel}, Keras's `.keras` and `.h5` with the state
 * of the optimiser, or safetensors with the weights and what ONNX files say of alignment and calibration.
 * @param onProgress is told how many bytes of a Keras file are put together, and of each file are written
 * @throws {ConfigError} when the folder holds no run, the format is not known, or Keras has no counterpart of a layer
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged, or the file cannot be written
 */
export async function exportRun(
  run: string,
  file: string,
  options: ExportOptions = {},
  onProgress: ExportListener = () => undefined,
): Promise<void> {
  const { checkpoint = 'best', format = formatOf(file), eightBits = false } = options;
  if (eightBits && format !== 'onnx') throw new ConfigError(`${file}: weights of 8 bits are written to ONNX files alone`);
  const built = (done: number, total: number): void => onProgress(done, total, 'put together');
  const content = format === 'onnx' ? await runModel(run, { checkpoint, eightBits }) : await modelIn(format, run, checkpoint, built);
  await writeFileAtomic(file, content, (done, total) => onProgress(done, total, 'written'));
}

async function modelIn(
  format: Exclude<ExportFormat, 'onnx'>,
  run: string,
  checkpoint: 'best' | 'last',
  onBuilt: ArrayListener,
): Promise<Uint8Array | Uint8Array[]> {
  const { config, imageSize, classes, network, weights, tensors, step, calibration, alignment } = await loadCalibrated(run, { checkpoint });
  const { model: name, optimiser: kind, learningRate, momentum, nesterov, weightDecay } = config;
  const layers = network.layers(classes.length).map(({ description }) => description);
  const stored = { name, layers, imageSize, classes };
  if (format === 'safetensors') return writeModelSafetensors({ ...stored, weights, ...(calibration && { calibration }), ...(alignment && { alignment }) });
  const optimiser = { kind, learningRate, momentum, nesterov, weightDecay, step };
  const write = format === 'h5' ? writeKerasH5 : writeKerasArchive;
  return await write({ ...stored, tensors, optimiser }, onBuilt);
}

function formatOf(file: string): ExportFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const format = EXPORT_FORMATS.find((name) => name === ending);
  if (format !== undefined) return format;
  throw new ConfigError(`${file}: the name says nothing of the format`, {
    hint: `Let it end in .${EXPORT_FORMATS.join(', .')}, or say --format.`,
  });
}

/**
 * What a checkpoint of a run holds, checked against the run's network.
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function loadNetwork(folder: RunFolder, checkpoint: 'best' | 'last') {
  const config = parseConfig(await readConfig(folder));
  const { imageSize, classes = [], alignment: template, alignmentMargin: margin } = config;
  const file = folder.checkpointFile(checkpoint);
  const { tensors, state } = await loadCheckpoint(file);
  const weights = parametersOf({ tensors });
  const network = networkOf(config);
  checkFits({ tensors: weights }, parameterSpecs(network, { imageSize, classes: classes.length }), file);
  const alignment = template && { template, margin };
  return { config, imageSize, classes, network, weights, tensors, step: state.step, ...(alignment && { alignment }) };
}
