/**
 * Weights alone of Keras 3 (`model.save_weights('x.weights.h5')`): `layers/conv2d_1/vars/0`. Layers are numbered within their
 * class, a model in the model lies in a group of its own, and in newer versions an attribute of `vars` says what the layer is called.
 */
import { FormatError } from '../../base/errors.js';
import type { Hdf5Group } from '../hdf5.js';
import type { NamedArray } from './arrays.js';
import { ARCHIVE_NAMES, layersGroup, numbered } from './arrays.js';
import type { LayerWeights } from './weights.js';

/** How deep models may lie in one another, and how many layers there may be. */
const DEEPEST = 8;
const MOST_LAYERS = 2000;

/** A layer that a network has. */
export type WantedLayer = Pick<LayerWeights, 'layer' | 'kind'>;

interface NumberedLayer {
  /** Its group, such as `layers/conv2d_1`, and the class and number in its name. */
  readonly path: string;
  readonly word: string;
  readonly number: number;
  /** What Keras called it, if the file says so. */
  readonly name: string | undefined;
  readonly arrays: readonly NamedArray[];
}

/** Whether a file holds layers by number. */
export function isNumbered(root: Hdf5Group): boolean {
  return layersGroup(root) !== undefined;
}

/**
 * The layers of a file under the names of those that are wanted. The layers of a class go by their names where the file names
 * all that are wanted; else the first goes with the first, and so on. Those that are left over keep the names of their groups.
 * @param wanted in the order in which Keras numbers them
 * @returns those that are wanted and found in their order, then the others
 * @throws {FormatError} when layers without names lie in different models, which leaves their order open
 */
export function numberedLayers(root: Hdf5Group, wanted: readonly WantedLayer[], file: string): [string, readonly NamedArray[]][] {
  const stored = layersIn(root, file);
  const found = new Map<string, NumberedLayer>();
  for (const kind of new Set(wanted.map((layer) => layer.kind))) {
    const names = wanted.filter((layer) => layer.kind === kind).map(({ layer }) => layer);
    const ofKind = stored.filter(({ word }) => word === ARCHIVE_NAMES[kind]);
    const byName = new Map(ofKind.map((layer) => [layer.name, layer]));
    const ordered = names.every((name) => byName.has(name)) ? names.map((name) => byName.get(name)) : inOrder(ofKind, file);
    for (const [index, name] of names.entries()) if (ordered[index]) found.set(name, ordered[index]);
  }
  const taken = new Set(found.values());
  return [
    ...wanted.flatMap(({ layer }): [string, readonly NamedArray[]][] => (found.has(layer) ? [[layer, found.get(layer)!.arrays]] : [])),
    ...stored.filter((layer) => !taken.has(layer)).map(({ path, arrays }): [string, readonly NamedArray[]] => [path, arrays]),
  ];
}

function inOrder(layers: readonly NumberedLayer[], file: string): NumberedLayer[] {
  const models = [...new Set(layers.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))];
  if (models.length > 1) {
    throw new FormatError(file, `has layers of the class ${layers[0]!.word} in ${models[0]!} and in ${models[1]!}, and does not say in what order`, {
      hint: 'Save the whole model, as .keras: its configuration says it.',
    });
  }
  return layers.toSorted((one, other) => one.number - other.number);
}

/** All layers with arrays, those of models in the model included. */
function layersIn(root: Hdf5Group, file: string): NumberedLayer[] {
  const found: NumberedLayer[] = [];
  const models: { group: Hdf5Group; place: string; depth: number }[] = [{ group: layersGroup(root)!, place: 'layers', depth: 1 }];
  let count = 0;
  for (const { group, place, depth } of models) {
    if (depth > DEEPEST) throw new FormatError(file, `holds models that lie more than ${DEEPEST} deep in one another`);
    for (const key of group.names()) {
      // Links may lead around in circles.
      if (++count > MOST_LAYERS) throw new FormatError(file, `holds more than ${MOST_LAYERS} layers`);
      const own = group.group(key);
      if (own === undefined) continue;
      const path = `${place}/${key}`;
      const vars = own.group('vars');
      const arrays = numbered(vars).map((array, index) => ({ name: `${path}/vars/${index}`, ...array }));
      const [, word, digits = '0'] = /^(.+?)(?:_(\d+))?$/s.exec(key)!;
      if (arrays.length > 0) found.push({ path, word: word!, number: Number(digits), name: vars?.text('name'), arrays });
      const inner = layersGroup(own);
      if (inner !== undefined) models.push({ group: inner, place: `${path}/layers`, depth: depth + 1 });
    }
  }
  return found;
}
