/**
 * The arrays of a file of Keras, layer by layer, whatever network they are of: `.h5` with weights alone, as the files of
 * `keras.applications` and the `.weights.h5` of Keras 3 are, or with a whole model, and `.keras`. Layers of a model inside the model count as its own.
 */
import { z } from 'zod';
import { FormatError } from '../../base/errors.js';
import { sizeOf } from '../../base/tensor.js';
import type { Hdf5Dataset, Hdf5Group } from '../hdf5.js';
import { readHdf5 } from '../hdf5.js';
import { unzip } from '../zip.js';
import type { NamedArray } from './arrays.js';
import { HDF5_SIGNATURE, layersGroup, namedArrays, numbered, startsWith } from './arrays.js';
import { parseJson } from './model-config.js';
import type { WantedLayer } from './numbered-layers.js';
import { isNumbered, numberedLayers } from './numbered-layers.js';

/** A layer with arrays, in the order in which Keras lists them. */
export interface StoredLayer {
  readonly layer: string;
  readonly arrays: readonly StoredArray[];
}

export interface StoredArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the layers that were asked for. */
  readonly values?: Float32Array;
}

/** Is told how many bytes are read. */
type ReadListener = (done: number, total: number) => void;

/** How deep models may lie in one another. */
const DEEPEST = 8;

/**
 * Lists the layers of a file and reads the arrays of some.
 * @param wanted the layers whose arrays are read, in the order in which Keras lists them
 * @param onRead is told how many bytes of them are read
 * @throws {FormatError} when the file is damaged, or holds no layers of Keras
 */
export async function readKerasWeights(
  bytes: Uint8Array,
  file: string,
  wanted: readonly WantedLayer[],
  onRead: ReadListener = () => undefined,
): Promise<StoredLayer[]> {
  if (startsWith(bytes, HDF5_SIGNATURE)) {
    return await readHdf5(bytes, file, (root) => read(h5Layers(root, wanted, file), wanted, onRead));
  }
  const archive = unzip(bytes, ['config.json', 'model.weights.h5'], file);
  const config = parseJson(new TextDecoder().decode(archive['config.json']), file);
  return await readHdf5(archive['model.weights.h5'], `${file}/model.weights.h5`, (root) =>
    read(archiveLayers(config, root, file), wanted, onRead),
  );
}

type Listed = readonly (readonly [layer: string, arrays: readonly NamedArray[]])[];

function read(layers: Listed, wanted: readonly WantedLayer[], onRead: ReadListener): StoredLayer[] {
  const names = new Set(wanted.map(({ layer }) => layer));
  const bytesOf = ({ shape }: Hdf5Dataset): number => 4 * sizeOf(shape);
  const total = layers.reduce((sum, [layer, arrays]) => (names.has(layer) ? arrays.reduce((part, array) => part + bytesOf(array), sum) : sum), 0);
  let done = 0;
  return layers.map(([layer, arrays]) => ({
    layer,
    arrays: arrays.map((array) => {
      const { name, shape } = array;
      if (!names.has(layer)) return { name, shape };
      const values = array.read();
      onRead((done += bytesOf(array)), total);
      return { name, shape, values };
    }),
  }));
}

function h5Layers(root: Hdf5Group, wanted: readonly WantedLayer[], file: string): Listed {
  const layers = namedArrays(root.group('model_weights') ?? root, file);
  if (layers.length > 0) return byLayer(layers);
  if (isNumbered(root)) return numberedLayers(root, wanted, file);
  throw new FormatError(file, 'holds no weights that Keras would find');
}

/**
 * The layers of a model in the model stand under its name, and only the names of the arrays tell them apart. Those of a plain
 * layer may have another name in front than the layer's: a number was put to it when it was made a second time.
 */
function byLayer(groups: Listed): Listed {
  return groups.flatMap(([group, arrays]) => {
    const ownerOf = ({ name }: NamedArray): string => name.split('/').at(-2) ?? group;
    const owners = new Map<string, NamedArray[]>();
    for (const array of arrays) owners.set(ownerOf(array), [...(owners.get(ownerOf(array)) ?? []), array]);
    return owners.size > 1 ? [...owners] : [[group, arrays] as const];
  });
}

const archivedModel = z.looseObject({
  layers: z.array(
    z.looseObject({ class_name: z.string(), config: z.looseObject({ name: z.string().optional(), layers: z.unknown().optional() }) }),
  ),
});

type ArchivedModel = z.output<typeof archivedModel>;

/** Keras 3 numbers the layers of a class, `layers/conv2d_1/vars/0`; the names stand in the configuration, in that order. */
function archiveLayers(config: unknown, root: Hdf5Group, file: string): Listed {
  const parsed = z.looseObject({ config: archivedModel }).safeParse(config);
  if (!parsed.success) throw new FormatError(file, `its model configuration is damaged: ${z.prettifyError(parsed.error)}`);
  return layersIn(parsed.data.config, root, file, 0);
}

function layersIn({ layers }: ArchivedModel, root: Hdf5Group, file: string, depth: number): Listed {
  if (depth > DEEPEST) throw new FormatError(file, `holds models that lie more than ${DEEPEST} deep in one another`);
  const group = layersGroup(root);
  const used = new Map<string, number>();
  return layers.flatMap(({ class_name: className, config }) => {
    const word = snakeCase(className);
    const count = used.get(word) ?? 0;
    used.set(word, count + 1);
    const own = group?.group(count === 0 ? word : `${word}_${count}`);
    if (own === undefined) return [];
    const inner = archivedModel.safeParse(config);
    if (inner.success) return layersIn(inner.data, own, file, depth + 1);
    const name = config.name ?? word;
    const arrays = numbered(own.group('vars')).map((array, index) => ({ name: `${name}/${index}`, ...array }));
    return arrays.length > 0 ? [[name, arrays] as const] : [];
  });
}

/** `BatchNormalization` as Keras writes it in paths: `batch_normalization`. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
