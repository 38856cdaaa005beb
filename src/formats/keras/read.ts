/** Networks in the files of Keras: `.h5` of version 2 (whole models or weights alone) and `.keras` of version 3. */
import { z } from 'zod';
import { FormatError, ShapeError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor, shapeText, sizeOf } from '../../base/tensor.js';
import type { LayerDescription } from '../../nn/description.js';
import { describedNetwork } from '../../nn/description.js';
import type { Hdf5Dataset, Hdf5Group } from '../hdf5.js';
import { readHdf5 } from '../hdf5.js';
import { unzip } from '../zip.js';
import { archiveArrays, HDF5_SIGNATURE, listed, namedArrays, numbered, startsWith, ZIP_SIGNATURE } from './arrays.js';
import type { ConvertedNetwork, InputRange } from './from-keras.js';
import { fromKeras } from './from-keras.js';
import { parseJson, parseModelConfig } from './model-config.js';
import { isNumbered, numberedLayers } from './numbered-layers.js';
import type { ImportedOptimiser } from './optimiser.js';
import { readOptimiser } from './optimiser.js';
import type { LayerWeights } from './weights.js';
import { weightLayouts } from './weights.js';

/** A network from a file, with all that a run needs to know about it. */
export interface ImportedNetwork {
  readonly name: string;
  readonly layers: readonly LayerDescription[];
  readonly imageSize: number;
  /** The number of classes. */
  readonly classCount: number;
  /** Their names, if the file has them. */
  readonly classes: readonly string[] | undefined;
  /** Parameters by name. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly optimiser: ImportedOptimiser | undefined;
  /** What the user should know. */
  readonly notes: readonly string[];
}

export interface ReadKerasOptions {
  /** Height and width of the pictures in pixels, where the file leaves it open. */
  readonly imageSize?: number;
  /** Pixel values that the network was trained with; 0..1 by default. */
  readonly inputRange?: InputRange;
  /** Is told how many bytes of the weights are read. */
  readonly onRead?: (done: number, total: number) => void;
  /** The network that weights alone are of. */
  readonly network?: { readonly name: string; readonly layers: readonly LayerDescription[] };
}

/** The largest number of parameters that is read. */
const MOST_PARAMETERS = 1e9;
const LARGEST_SIDE = 4096;

/** Where the optimiser of a file is. */
interface Training {
  readonly config: unknown;
  readonly arrays: readonly Hdf5Dataset[];
}

/**
 * Reads a network. Shapes and names are checked before the first weight is read.
 * @param file name for messages
 * @throws {FormatError} when the file is damaged, or its network cannot be built here; it names the layer
 */
export async function readKeras(bytes: Uint8Array, file: string, options: ReadKerasOptions = {}): Promise<ImportedNetwork> {
  if (startsWith(bytes, HDF5_SIGNATURE)) return await readHdf5(bytes, file, (root) => readH5(root, file, options));
  if (!startsWith(bytes, ZIP_SIGNATURE)) throw new FormatError(file, 'is neither HDF5 nor a zip archive, as files of Keras are');
  const members = ['config.json', 'metadata.json', 'model.weights.h5'] as const;
  const archive = unzip(bytes, members, file);
  const [config, metadata] = [archive['config.json'], archive['metadata.json']].map((text) => new TextDecoder().decode(text)) as [string, string];
  const parsed = parseModelConfig(config, file);
  const network = fromKeras(parsed, file, options.inputRange);
  const { compile_config: compiled } = parseJson(config, file) as { compile_config?: { optimizer?: unknown } | null };
  return await readHdf5(archive['model.weights.h5'], `${file}/model.weights.h5`, (root) =>
    assemble({
      ...{ file, name: parsed.name, network, options, classes: classesIn(parseJson(metadata, file)) },
      arraysOf: (layers) => archiveArrays(root, layers),
      training: { config: compiled?.optimizer, arrays: numbered(root.group('optimizer/vars')) },
    }),
  );
}

function readH5(root: Hdf5Group, file: string, options: ReadKerasOptions): ImportedNetwork {
  const config = root.text('model_config');
  if (config === undefined) return readWeightsAlone(root, file, options);
  const parsed = parseModelConfig(config, file);
  const weights = root.group('model_weights');
  if (weights === undefined) throw new FormatError(file, 'holds no weights');
  const training = root.text('training_config');
  const optimiser = root.group('optimizer_weights');
  const own = root.text('ageband');
  return assemble({
    ...{ file, name: parsed.name, options, network: fromKeras(parsed, file, options.inputRange) },
    classes: own === undefined ? undefined : classesIn({ ageband: parseJson(own, file) }),
    arraysOf: () => namedArrays(weights, file),
    training: {
      config: training === undefined ? undefined : (parseJson(training, file) as { optimizer_config?: unknown } | null)?.optimizer_config,
      arrays: optimiser === undefined ? [] : listed(optimiser, 'weight_names', file),
    },
  });
}

function readWeightsAlone(root: Hdf5Group, file: string, options: ReadKerasOptions): ImportedNetwork {
  if (options.network === undefined || options.imageSize === undefined) {
    throw new FormatError(file, 'holds weights, but not the network that they are of', {
      hint: 'Name the network with --model, its --image-size and its --classes.',
    });
  }
  const { name, layers } = options.network;
  const weights = root.group('model_weights') ?? root;
  const network: ConvertedNetwork = { layers, flattened: 'HWC', imageSize: undefined, notes: [], frozen: new Set() };
  return assemble({
    ...{ file, name, network, options, classes: undefined, training: undefined },
    arraysOf: (expected) => (isNumbered(root) ? eachOf(expected, numberedLayers(root, expected, file)) : namedArrays(weights, file)),
  });
}

type Found = readonly (readonly [layer: string, arrays: readonly Hdf5Dataset[]])[];

/** Layers that were found by their names, in the order of those that are expected, with none left out; then what is left over. */
function eachOf(expected: readonly LayerWeights[], found: Found): Found {
  const names = new Set(expected.map(({ layer }) => layer));
  const arrays = new Map(found);
  return [...[...names].map((name) => [name, arrays.get(name) ?? []] as const), ...found.filter(([name]) => !names.has(name))];
}

interface Parts {
  readonly file: string;
  readonly name: string;
  readonly network: ConvertedNetwork;
  readonly options: ReadKerasOptions;
  readonly classes: readonly string[] | undefined;
  /** The arrays of each layer that has some, by name, in order. */
  readonly arraysOf: (layers: readonly LayerWeights[]) => Found;
  readonly training: Training | undefined;
}

function assemble({ file, name, network, options, classes, arraysOf, training }: Parts): ImportedNetwork {
  const imageSize = imageSizeOf(network, options, file);
  const { classCount, expected } = expectedWeights(name, network, imageSize, file);
  if (classes !== undefined && classes.length !== classCount) {
    throw new FormatError(file, `names ${classes.length} classes, but its network gives ${classCount}`);
  }
  const found = arraysOf(expected);
  checkArrays(expected, found, file);
  const weights = new Map<string, HostTensor>();
  const total = expected.flatMap((layer) => layer.weights).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  let done = 0;
  for (const [index, { layer, weights: layouts }] of expected.entries()) {
    for (const [place, layout] of layouts.entries()) {
      const values = layout.fromKeras(found[index]![1][place]!.read());
      if (!values.every(Number.isFinite)) {
        throw new FormatError(file, `layer "${layer}": ${layout.name} holds values that are no finite numbers`);
      }
      weights.set(layout.name, floatTensor(values, layout.shape));
      options.onRead?.((done += values.byteLength), total);
    }
  }
  const trained = expected
    .filter(({ layer }) => !network.frozen.has(layer))
    .flatMap((layer) => layer.weights.filter(({ trainable }) => trainable));
  const optimiser = training && readOptimiser(training.config, training.arrays, trained);
  return {
    ...{ name, layers: network.layers, imageSize, classCount, classes, weights, optimiser },
    notes: [...network.notes, ...(optimiser?.notes ?? [])],
  };
}

function imageSizeOf({ imageSize: known }: ConvertedNetwork, { imageSize: given }: ReadKerasOptions, file: string): number {
  if (known !== undefined && given !== undefined && known !== given) {
    throw new FormatError(file, `takes pictures of ${known}×${known} pixels, not ${given}×${given}`);
  }
  const side = known ?? given;
  if (side === undefined) {
    throw new FormatError(file, 'does not say how large its pictures are', { hint: 'Say it with --image-size.' });
  }
  if (side < 1 || side > LARGEST_SIDE) throw new FormatError(file, `takes pictures of ${side}×${side} pixels`);
  return side;
}

/** The weights that the layers ask for, before anything of their size is in memory. */
function expectedWeights(name: string, { layers, flattened }: ConvertedNetwork, imageSize: number, file: string) {
  const last = layers.findLast((layer) => layer.kind === 'Dense' || layer.kind === 'Conv2D');
  const classCount = last?.kind === 'Dense' ? last.units : (last?.filters ?? 0);
  if (classCount < 2) throw new FormatError(file, `its network gives ${classCount} numbers; to tell classes apart takes two`);
  try {
    const expected = weightLayouts(describedNetwork(name, layers), { imageSize, classes: classCount }, flattened);
    const parameters = expected.flatMap((layer) => layer.weights).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (parameters > MOST_PARAMETERS) throw new FormatError(file, `its network has ${parameters} parameters`);
    return { classCount, expected };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new FormatError(file, `its layers do not fit together: ${error.message}`, { cause: error });
  }
}

/** As Keras does, layers are matched by their order. */
function checkArrays(
  expected: readonly LayerWeights[],
  found: Found,
  file: string,
): void {
  for (const [index, { layer, kind, weights }] of expected.entries()) {
    const [name, arrays] = found[index] ?? [];
    const where = `layer "${layer}" (${kind})`;
    if (arrays === undefined) throw new FormatError(file, `${where}: the file holds no weights for it`);
    const source = name === layer ? '' : ` in "${name}"`;
    if (arrays.length !== weights.length) {
      throw new FormatError(file, `${where} needs ${weights.length} weights, the file holds ${arrays.length}${source}`);
    }
    for (const [place, { name: weight, kerasShape }] of weights.entries()) {
      const { shape } = arrays[place]!;
      if (shape.join() === kerasShape.join()) continue;
      throw new FormatError(file, `${where}: ${weight} has shape ${shapeText(shape)}${source}, the network needs ${shapeText(kerasShape)}`);
    }
  }
  const surplus = found[expected.length];
  if (surplus) throw new FormatError(file, `holds weights of a layer "${surplus[0]}" that the network does not have`);
}

const classesSchema = z.looseObject({ ageband: z.looseObject({ classes: z.array(z.string().min(1)).min(2).max(1000) }) });

/** The names of the classes, which files written here have. */
function classesIn(metadata: unknown): string[] | undefined {
  return classesSchema.safeParse(metadata).data?.ageband.classes;
}
