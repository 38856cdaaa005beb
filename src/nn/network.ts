import type { Alignment } from '../base/alignment.js';
import { ShapeError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, shapeText } from '../base/tensor.js';
import type { Value } from '../graph/graph.js';
import { Graph } from '../graph/graph.js';
import { add, divide, softmax } from '../graph/operators/index.js';
import type { Layer, LayerContext, ParameterSpec } from './layer.js';

/** A network as a function of the number of classes: layers that turn pictures into logits. */
export interface NetworkDefinition {
  readonly name: string;
  layers(classes: number): readonly Layer[];
}

/** What is done to the logits of a network before the softmax, so that its probabilities can be believed. */
export interface OutputCalibration {
  /** Added to the logits of the classes; nothing by default. */
  readonly offsets?: readonly number[];
  /** What the logits of the classes, after that, and those of single years, if the network tells them, are divided by; 1 by default. */
  readonly temperature?: number;
}

/** A network with the weights that training gave it. */
export interface TrainedNetwork {
  readonly network: NetworkDefinition;
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Height and width of the pictures, in pixels. */
  readonly imageSize: number;
  readonly classes: readonly string[];
  readonly calibration?: OutputCalibration;
  /** How the faces in its pictures were cut out; not at all by default. */
  readonly alignment?: Alignment;
}

export interface BuildOptions {
  readonly batch: number;
  /** Height and width of the pictures, in pixels. */
  readonly imageSize: number;
  readonly classes: number;
  readonly training: boolean;
  /** Values to store in the graph as constants; without them the parameters are inputs. */
  readonly weights?: ReadonlyMap<string, HostTensor>;
  /** Names of layers whose weights stay as they are; none by default. */
  readonly frozen?: ReadonlySet<string>;
  /** Shape of what goes in, [N, ...], where that is no pictures but what the layers before gave; see {@link partOf}. */
  readonly features?: readonly number[];
}

/** A tensor to draw before each training step. */
export interface MaskSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rate: number;
}

/**
 * A network as a graph. Names of inputs: `images` [N, 3, H, W] or, where it is the last part of a network, `features`; the
 * parameters' and the masks' names.
 */
export interface BuiltNetwork {
  readonly graph: Graph;
  readonly images: Value;
  /** [N, classes] */
  readonly logits: Value;
  readonly parameters: readonly (ParameterSpec & { readonly value: Value })[];
  /** Next values of parameters that are not trained, by name. */
  readonly updates: ReadonlyMap<string, Value>;
  readonly masks: readonly MaskSpec[];
  readonly layers: readonly { readonly layer: Layer; readonly output: Value }[];
}

/**
 * Builds the forward pass of a network.
 * @throws {ShapeError} naming the layer, when the pictures are too small for it or the weights do not fit.
 */
export function buildNetwork(definition: NetworkDefinition, options: BuildOptions): BuiltNetwork {
  const { batch, imageSize, classes, training, weights, frozen = new Set(), features } = options;
  const graph = new Graph();
  const parameters: (ParameterSpec & { value: Value })[] = [];
  const updates = new Map<string, Value>();
  const masks: MaskSpec[] = [];

  const contextOf = (layer: Layer): LayerContext => ({
    training,
    frozen: frozen.has(layer.name),
    parameter(role, shape, initialise, { trainable = true } = {}) {
      const name = `${layer.name}.${role}`;
      const value = weights ? storedWeight(graph, weights, name, shape) : graph.input(name, 'float32', shape);
      parameters.push({ name, shape, initialise, trainable: trainable && !frozen.has(layer.name), value });
      return value;
    },
    update: (role, next) => updates.set(`${layer.name}.${role}`, next),
    dropoutMask(shape, rate) {
      const name = `${layer.name}.mask`;
      masks.push({ name, shape, rate });
      return graph.input(name, 'float32', shape);
    },
    of: contextOf,
  });

  const images = features
    ? graph.input('features', 'float32', features)
    : graph.input('images', 'float32', [batch, 3, imageSize, imageSize]);
  const layers: { layer: Layer; output: Value }[] = [];
  let x = images;
  for (const layer of definition.layers(classes)) {
    x = graph.scope(layer.name, () => layer.apply(x, contextOf(layer)));
    layers.push({ layer, output: x });
  }
  return { graph, images, logits: x, parameters, updates, masks, layers };
}

/** A network of some of another's layers: from the first to `end`, which is excluded. */
export function partOf(definition: NetworkDefinition, first: number, end?: number): NetworkDefinition {
  return { name: definition.name, layers: (classes) => definition.layers(classes).slice(first, end) };
}

/** Name of the layer that a parameter belongs to. */
export function layerOfParameter(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

/** The logits of single years [N, years] that a network's last layer makes bands of, where it does. */
export function yearLogits({ layers }: Pick<BuiltNetwork, 'layers'>): Value | undefined {
  return layers.at(-1)?.layer.kind === 'BandsOfYears' ? layers.at(-2)?.output : undefined;
}

/** What a network says: the probabilities of the classes [N, classes] and, of one that tells single years, theirs [N, years]. */
export function networkOutputs(built: BuiltNetwork, calibration: OutputCalibration = {}): { probabilities: Value; years?: Value } {
  const { temperature, offsets } = calibration;
  const tempered = (logits: Value): Value => (temperature === undefined ? logits : divide(logits, temperature));
  const adjusted = offsets === undefined ? built.logits : add(built.logits, built.graph.constant(floatTensor(offsets, [1, offsets.length])));
  const probabilities = softmax(tempered(adjusted));
  const years = yearLogits(built);
  return years === undefined ? { probabilities } : { probabilities, years: softmax(tempered(years)) };
}

/** What parameters a network has for a picture size and a number of classes. */
export function parameterSpecs(
  definition: NetworkDefinition,
  { imageSize, classes, frozen = new Set() }: Pick<BuildOptions, 'imageSize' | 'classes' | 'frozen'>,
): readonly ParameterSpec[] {
  return buildNetwork(definition, { batch: 1, imageSize, classes, training: false, frozen }).parameters;
}

function storedWeight(
  graph: Graph,
  weights: ReadonlyMap<string, HostTensor>,
  name: string,
  shape: readonly number[],
): Value {
  const tensor = weights.get(name);
  if (!tensor) throw new ShapeError(`the weights lack "${name}"`);
  if (tensor.shape.join() !== shape.join()) {
    throw new ShapeError(`the weights have "${name}" with shape ${shapeText(tensor.shape)}, the network needs ${shapeText(shape)}`);
  }
  return graph.constant(tensor, name);
}
