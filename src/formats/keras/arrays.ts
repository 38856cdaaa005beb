/** Where the arrays of layers stand in files of Keras. */
import { FormatError } from '../../base/errors.js';
import type { Hdf5Dataset, Hdf5Group } from '../hdf5.js';
import type { LayerWeights } from './weights.js';

/** The first bytes of an HDF5 file, and of a zip archive. */
export const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46];
export const ZIP_SIGNATURE = [0x50, 0x4b];

export function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

/** An array with the name under which a file lists it, such as `conv1/kernel:0`. */
export interface NamedArray extends Hdf5Dataset {
  readonly name: string;
}

/** Keras 2: `layer_names` lists the layers, and each one's `weight_names` its arrays. */
export function namedArrays(group: Hdf5Group, file: string): [string, NamedArray[]][] {
  return textsOf(group, 'layer_names')
    .map((name): [string, NamedArray[]] => {
      const layer = group.group(name);
      if (layer === undefined) throw new FormatError(file, `lists a layer "${name}" that it does not hold`);
      return [name, listed(layer, 'weight_names', file)];
    })
    .filter(([, arrays]) => arrays.length > 0);
}

/** Keras 3: the group of a model that holds its layers; it had another name at first. */
export function layersGroup(model: Hdf5Group): Hdf5Group | undefined {
  return model.group('layers') ?? model.group('_layer_checkpoint_dependencies');
}

/** Keras 3: `layers/conv2d_1/vars/0`, counted by class and not by name. */
export function archiveArrays(root: Hdf5Group, layers: readonly LayerWeights[]): [string, Hdf5Dataset[]][] {
  const group = layersGroup(root);
  const used = new Map<string, number>();
  return layers.map(({ kind }) => {
    const word = ARCHIVE_NAMES[kind]!;
    const count = used.get(word) ?? 0;
    used.set(word, count + 1);
    const name = count === 0 ? word : `${word}_${count}`;
    return [name, numbered(group?.group(`${name}/vars`))];
  });
}

/** What Keras 3 calls the groups of layers with weights. */
export const ARCHIVE_NAMES: Readonly<Record<string, string>> = {
  Conv2D: 'conv2d',
  Dense: 'dense',
  BatchNormalization: 'batch_normalization',
};

/** Keras 3: the arrays `0`, `1` and so on of a layer. */
export function numbered(group: Hdf5Group | undefined): Hdf5Dataset[] {
  if (group === undefined) return [];
  const count = group.names().length;
  const arrays = Array.from({ length: count }, (_, index) => group.dataset(String(index)));
  return arrays.filter((array) => array !== undefined);
}

/** Keras 2: the arrays that an attribute lists. */
export function listed(group: Hdf5Group, attribute: string, file: string): NamedArray[] {
  return textsOf(group, attribute).map((name) => {
    const array = group.dataset(name);
    if (array === undefined) throw new FormatError(file, `lists an array "${name}" that it does not hold`);
    return { name, ...array };
  });
}

/** A list of names; long ones are cut into several attributes, `layer_names0` and so on. */
function textsOf(group: Hdf5Group, attribute: string): string[] {
  const whole = group.texts(attribute);
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let index = 0; ; index++) {
    const part = group.texts(`${attribute}${index}`);
    if (part === undefined) return parts;
    parts.push(...part);
  }
}
