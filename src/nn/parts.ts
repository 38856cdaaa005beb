/** Parts of a network, for transfer learning: layers by name or pattern, its backbone and its head, its fixed front. */
import { ConfigError } from '../base/errors.js';
import { namesIn } from './description.js';
import type { Layer } from './layer.js';

/** What a list of layers may consist of: letters, digits, `_`, `-`, and `*` and `?` as in globs. */
export const LAYER_PATTERN = /^[\w*?-]+$/;

/** Words for parts, which come before layers of the same name. */
const BACKBONE = 'backbone';
const HEAD = 'head';

/** Layers that turn maps of features into one row per picture. */
const FLATTENING = ['Flatten', 'GlobalAveragePooling2D'];

/**
 * Number of layers before the head: the layers that work on maps, up to the one that makes a row of each picture's. In a
 * network without such a layer, all but the last that has weights and what follows it.
 * @param hasWeights whether a layer has parameters
 */
function headStart(layers: readonly Layer[], hasWeights: (layer: Layer) => boolean): number {
  const lastWeights = layers.findLastIndex(hasWeights);
  const flattening = layers.findLastIndex(({ kind }, index) => FLATTENING.includes(kind) && index < lastWeights);
  return flattening === -1 ? Math.max(0, lastWeights) : flattening + 1;
}

/**
 * Names of the layers that patterns choose, those inside residual blocks included.
 * @param patterns names, globs of `*` and `?`, or the words `backbone` and `head`
 * @param weighted names of the layers that have parameters
 * @param option what the patterns were given as, for messages
 * @throws {ConfigError} when a pattern chooses no layer with parameters
 */
export function chosenLayers(
  layers: readonly Layer[],
  patterns: readonly string[],
  weighted: ReadonlySet<string>,
  option: string,
): Set<string> {
  const namesOf = ({ description }: Layer): string[] => namesIn(description);
  const start = headStart(layers, (layer) => namesOf(layer).some((name) => weighted.has(name)));
  const chosen = patterns.map((pattern) => {
    if (pattern === BACKBONE) return layers.slice(0, start).flatMap(namesOf);
    if (pattern === HEAD) return layers.slice(start).flatMap(namesOf);
    const matches = globOf(pattern);
    return layers.flatMap((layer) => (matches.test(layer.name) ? namesOf(layer) : namesOf(layer).filter((name) => matches.test(name))));
  });
  const empty = chosen.findIndex((names) => !names.some((name) => weighted.has(name)));
  if (empty !== -1) {
    const known = layers.filter((layer) => namesOf(layer).some((name) => weighted.has(name))).map(({ name }) => name);
    throw new ConfigError(`${option}: ${JSON.stringify(patterns[empty])} is no layer with weights`, {
      hint: `Those of the network are ${known.join(', ')}. There are also the words ${BACKBONE} and ${HEAD}.`,
    });
  }
  return new Set(chosen.flat());
}

function globOf(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[^\w*?-]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/**
 * Number of layers at the start of a network that give the same for a picture at every step of a training: their weights
 * are frozen, or they have none, and nothing in them is random. 0 when there are no frozen weights among them.
 * @param frozen names of the layers whose weights stay
 * @param weighted names of the layers that have parameters
 */
export function frozenFront(layers: readonly Layer[], frozen: ReadonlySet<string>, weighted: ReadonlySet<string>): number {
  const isFixed = ({ description }: Layer): boolean =>
    namesIn(description).every((name) => !weighted.has(name) || frozen.has(name)) && !isRandom(description);
  const end = layers.findIndex((layer) => !isFixed(layer));
  const front = layers.slice(0, end === -1 ? layers.length : end);
  return front.some(({ description }) => namesIn(description).some((name) => weighted.has(name))) ? front.length : 0;
}

function isRandom(description: Layer['description']): boolean {
  if (description.kind === 'Residual') return [...description.main, ...description.shortcut].some(isRandom);
  return description.kind === 'Dropout' && description.rate > 0;
}
