import { extname, resolve } from 'node:path';
import { ConfigError, FileError, FormatError } from '../base/errors.js';
import type { ByteListener } from '../base/files.node.js';
import { copyFileAtomic, readFileIfPresent } from '../base/files.node.js';
import type { HostTensor } from '../base/tensor.js';
import { sizeOf } from '../base/tensor.js';
import { AGE_BANDS } from '../data/bands.js';
import type { InputRange } from '../formats/keras/from-keras.js';
import type { ImportedNetwork } from '../formats/keras/read.js';
import { readKerasSafely } from '../formats/keras/read.node.js';
import type { StoredModel } from '../formats/model-safetensors.js';
import { readModelSafetensors } from '../formats/model-safetensors.js';
import { readOnnxNetwork } from '../formats/onnx-network.js';
import { isTorchFile } from '../formats/torch/read.js';
import { getModel } from '../models/registry.js';
import type { LayerDescription } from '../nn/description.js';
import { parameterSpecs } from '../nn/network.js';
import { writeCalibration } from './calibration.js';
import { checkFits, saveCheckpoint } from './checkpoint.js';
import { networkOf, parseConfig } from './config.js';
import { exportRun } from './export.js';
import { createRun, discardRun } from './run-folder.js';
import { emptyScore } from './targets.js';

export interface ImportOptions {
  /** Names of the classes in the order of the network's outputs; those of the file by default, or the eight age bands. */
  readonly classes?: readonly string[];
  /** Height and width of the pictures in pixels, where the file leaves it open. */
  readonly imageSize?: number;
  /** Pixel values that the network was trained with; 0..1 by default. */
  readonly inputRange?: InputRange;
  /** Registered network that a file with weights alone is for. */
  readonly model?: string;
}

/** What was imported. */
export interface ImportSummary {
  /** Folder of the run. */
  readonly run: string;
  readonly name: string;
  readonly layers: readonly LayerDescription[];
  readonly parameters: number;
  readonly imageSize: number;
  readonly classes: readonly string[];
  /** Whether the state of the optimiser came with the weights. */
  readonly optimiserState: boolean;
  /** What was left out, or taken in some way. */
  readonly notes: readonly string[];
}

/** @param verb what has been done with the bytes */
export type ImportListener = (done: number, total: number, verb: string) => void;

/** A network from a file in any of the formats. */
type ReadNetwork = ImportedNetwork & Pick<StoredModel, 'calibration' | 'alignment'>;

/**
 * Makes a run of a network from a file of Keras (`.h5`, `.keras`), or from safetensors or ONNX as `exportRun` writes them,
 * which can then be evaluated, fine-tuned, exported and predicted with.
 * @param out folder of the run; it must be new or empty
 * @param onProgress is told how many bytes of the file are read, and of each file of the run are written
 * @throws {FormatError} when the file is damaged, or its network cannot be built here; it names the layer
 * @throws {ConfigError} when `out` is not empty, or the names of the classes are not known
 */
export async function importModel(
  file: string,
  out: string,
  options: ImportOptions = {},
  onProgress: ImportListener = () => undefined,
): Promise<ImportSummary> {
  const bytes = await readFileIfPresent(file);
  if (bytes === undefined) throw new FileError(file, 'there is no such file', { hint: 'Check the path.' });
  const model = await readModel(bytes, file, options, (done, total) => onProgress(done, total, 'read'));
  const classes = classesOf(model, file, options.classes);
  const { optimiser, layers, imageSize, weights, calibration, alignment } = model;
  const config = parseConfig({
    ...{ data: resolve(file), imported: true, model: model.name, network: layers, imageSize, classes },
    ...(alignment && { alignment: alignment.template, alignmentMargin: alignment.margin }),
    ...optimiser?.settings,
  });
  const specs = parameterSpecs(networkOf(config), { imageSize, classes: classes.length });
  checkFits({ tensors: new Map(weights) }, specs, file);
  const slots = optimiser?.slots ?? new Map<string, HostTensor>();
  const run = await createRun(out, config);
  try {
    const state = { epoch: 1, step: optimiser?.step ?? 0, batchInEpoch: 0, seed: config.seed, configHash: '' };
    const written = (verb: string) => (done: number, total: number) => onProgress(done, total, verb);
    const checkpoint = { tensors: new Map([...weights, ...slots]), state: { ...state, sums: emptyScore() } };
    await saveCheckpoint(run.checkpointFile('best'), checkpoint, written('of the checkpoint written'));
    await copyFileAtomic(run.checkpointFile('best'), run.checkpointFile('last'));
    if (calibration !== undefined) {
      for (const checkpoint of ['best', 'last'] as const) await writeCalibration(run, checkpoint, weights, calibration);
    }
    await exportRun(run.path, run.modelFile, {}, written('of the model written'));
  } catch (error) {
    await discardRun(run);
    throw error;
  } finally {
    run.release();
  }
  return {
    ...{ run: out, name: model.name, layers, imageSize, classes, notes: model.notes, optimiserState: slots.size > 0 },
    parameters: specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  };
}

async function readModel(bytes: Uint8Array, file: string, options: ImportOptions, onRead: ByteListener): Promise<ReadNetwork> {
  const ending = extname(file).toLowerCase();
  if (ending === '.onnx' || ending === '.safetensors') {
    const stored = ending === '.onnx' ? readOnnxNetwork(bytes, file) : readModelSafetensors(bytes, file);
    return { ...stored, classCount: stored.classes.length, optimiser: undefined, notes: calibrationNotes(stored) };
  }
  if (isTorchFile(bytes, file)) {
    throw new FormatError(file, 'is a file of PyTorch, which does not say of what network it holds the weights', {
      hint: '`ageband train --weights` takes it for a network that it fits.',
    });
  }
  const { imageSize, inputRange, model } = options;
  return await readKerasSafely(bytes, file, {
    onRead,
    ...(imageSize === undefined ? {} : { imageSize }),
    ...(inputRange === undefined ? {} : { inputRange }),
    ...(model === undefined ? {} : { network: registered(model, options) }),
  });
}

function calibrationNotes({ calibration }: Pick<StoredModel, 'calibration'>): string[] {
  return calibration === undefined ? [] : [`Its logits are divided by a temperature of ${calibration.temperature.toFixed(3)}, as in the file.`];
}

/** A registered network as layers. */
function registered(name: string, { classes = AGE_BANDS }: ImportOptions) {
  return { name, layers: getModel(name).layers(classes.length).map(({ description }) => description) };
}

function classesOf({ classes: known, classCount }: ReadNetwork, file: string, given?: readonly string[]): string[] {
  const classes = given ?? known ?? (classCount === AGE_BANDS.length ? AGE_BANDS : undefined);
  if (classes?.length === classCount) return [...classes];
  const reason = classes ? `tells ${classCount} classes apart, not ${classes.length}` : `does not name its ${classCount} classes`;
  throw new ConfigError(`${file}: ${reason}`, { hint: 'Name them in the order of its outputs: --classes young,old for instance.' });
}
