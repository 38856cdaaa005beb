/** The configuration of a Keras model, of versions 2 and 3: a chain of layers. */
import { z } from 'zod';
import { FormatError } from '../../base/errors.js';

/** One layer as Keras describes it. */
export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface KerasModelConfig {
  readonly name: string;
  /** From the first to the last, without input layers. */
  readonly layers: readonly KerasLayer[];
  /** [batch, ...], null where it is open; undefined when the file does not say. */
  readonly inputShape: readonly (number | null)[] | undefined;
}

const MOST_LAYERS = 1000;
const HINT = 'Networks that are a single chain of layers can be read: Sequential ones, and functional ones without branches.';

const layerSchema = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({ name: z.string().optional() }),
  inbound_nodes: z.unknown().optional(),
});
const layersSchema = z.array(layerSchema).max(MOST_LAYERS);
type RawLayer = z.output<typeof layerSchema>;

const modelSchema = z.looseObject({
  class_name: z.string(),
  config: z.union([
    // Sequential networks of Keras before 2.2.3 had no name.
    layersSchema.transform((layers) => ({ name: undefined, layers, build_input_shape: undefined })),
    z.looseObject({ name: z.string().optional(), layers: layersSchema, build_input_shape: z.unknown().optional() }),
  ]),
});
const shapeSchema = z.array(z.int().nullable());

/**
 * Reads the configuration of a model.
 * @param json as it stands in the file
 * @throws {FormatError} when it is damaged, or the network branches
 */
export function parseModelConfig(json: string, file: string): KerasModelConfig {
  const parsed = modelSchema.safeParse(parseJson(json, file));
  if (!parsed.success) throw new FormatError(file, `its model configuration is damaged: ${z.prettifyError(parsed.error)}`);
  const { class_name: kind, config } = parsed.data;
  const named = config.layers.map((layer, index) => ({ ...layer, name: layer.config.name ?? `layer_${index + 1}` }));
  const chain = kind === 'Sequential' ? named : chained(named, kind, file);
  const shapes = [...chain.map(({ config: own }) => own['batch_shape'] ?? own['batch_input_shape']), config.build_input_shape];
  return {
    name: config.name ?? 'keras',
    layers: chain
      .filter(({ class_name: className }) => className !== 'InputLayer')
      .map(({ class_name: className, name, config: own }) => ({ className, name, config: own })),
    inputShape: shapes.map((shape) => shapeSchema.safeParse(shape).data).find((shape) => shape !== undefined),
  };
}

/** JSON of a file. @throws {FormatError} when it is none */
export function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new FormatError(file, 'its model configuration is not JSON', { cause: error });
  }
}

/** The layers of a functional model in the order in which they follow each other. */
function chained<Layer extends RawLayer & { name: string }>(layers: readonly Layer[], kind: string, file: string): Layer[] {
  const fail = (reason: string): never => {
    throw new FormatError(file, reason, { hint: HINT });
  };
  if (kind !== 'Functional' && kind !== 'Model') fail(`is a model of the kind "${kind}"`);
  const next = new Map<string, Layer>();
  const starts: Layer[] = [];
  for (const layer of layers) {
    const parents = parentsOf(layer.inbound_nodes);
    if (parents.length === 0) starts.push(layer);
    else if (parents.length > 1) fail(`layer "${layer.name}" (${layer.class_name}) has ${parents.length} inputs`);
    else if (next.has(parents[0]!)) fail(`the output of layer "${parents[0]!}" goes to more than one layer`);
    else next.set(parents[0]!, layer);
  }
  if (starts.length !== 1) fail(`has ${starts.length} inputs`);
  const chain: Layer[] = [];
  const seen = new Set<string>();
  for (let layer: Layer | undefined = starts[0]; layer !== undefined && !seen.has(layer.name); layer = next.get(layer.name)) {
    seen.add(layer.name);
    chain.push(layer);
  }
  if (chain.length !== layers.length) fail('its layers do not follow each other in a single chain');
  return chain;
}

/**
 * The names of the layers whose outputs a layer takes. Keras 2 has `[[["conv", 0, 0, {}]]]`, Keras 3 arguments that hold
 * `{"class_name": "__keras_tensor__", "config": {"keras_history": ["conv", 0, 0]}}`.
 */
function parentsOf(nodes: unknown, depth = 0): string[] {
  if (depth > 12 || typeof nodes !== 'object' || nodes === null) return [];
  if (!Array.isArray(nodes)) {
    const history = (nodes as Record<string, unknown>)['keras_history'];
    return Object.values(history === undefined ? nodes : { history }).flatMap((value) => parentsOf(value, depth + 1));
  }
  const [name, node, tensor] = nodes as unknown[];
  if (typeof name === 'string' && typeof node === 'number' && typeof tensor === 'number') return [name];
  return nodes.flatMap((value) => parentsOf(value, depth + 1));
}
