/**
 * Layers as plain values, which a run keeps in its configuration and a file in another format is made from. A registered
 * network is described by its layers too (`Layer.description`).
 */
import { z } from 'zod';
import { ShapeError } from '../base/errors.js';
import { ACTIVATIONS } from './activations.js';
import { heNormal } from './initialisers.js';
import type { Layer } from './layer.js';
import {
  activationLayer,
  averagePoolLayer,
  bandsOfYearsLayer,
  batchNormLayer,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  flattenLayer,
  globalAveragePoolLayer,
  inputNormalisationLayer,
  localResponseNormLayer,
  maxPoolLayer,
  rescalingLayer,
  residualLayer,
  zeroPaddingLayer,
} from './layers/index.js';
import type { NetworkDefinition } from './network.js';

const MOST_LAYERS = 1000;
/** Names become parts of tensors' names, where `.` and `/` have a meaning. */
const name = z.string().regex(/^[\w-]+$/, 'a name may hold letters, digits, _ and - only').max(200);
const count = z.int().min(1).max(1_000_000);
const pixels = z.int().min(0).max(4096);
const side = pixels.min(1);
const pair = z.tuple([side, side]).readonly();
const activation = z.enum(ACTIVATIONS);
const sides = z.tuple([pixels, pixels, pixels, pixels]).readonly();
const samePadding = z.enum(['valid', 'same']);
/** Means lie within pixel values, deviations above 0. */
const perChannel = (least: number) => z.tuple([z.number().min(least), z.number().min(least), z.number().min(least)]).readonly();
const pooling = { name, size: pair, stride: pair, padding: samePadding };

const year = z.int().min(0).max(1000);

/** A layer that holds no others. */
const plainDescription = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('Activation'), name, activation }),
  z.strictObject({ kind: z.literal('AveragePooling2D'), ...pooling }),
  z.strictObject({ kind: z.literal('BandsOfYears'), name, ranges: z.array(z.tuple([year, year]).readonly()).min(2).max(100) }),
  z.strictObject({
    ...{ kind: z.literal('BatchNormalization'), name, momentum: z.number().min(0).max(1) },
    ...{ epsilon: z.number().min(0), scale: z.boolean(), centre: z.boolean() },
  }),
  z.strictObject({
    ...{ kind: z.literal('Conv2D'), name, filters: count, kernel: pair, stride: pair, dilation: pair },
    ...{ padding: z.union([samePadding, sides]), bias: z.boolean(), activation },
  }),
  z.strictObject({ kind: z.literal('Dense'), name, units: count, bias: z.boolean(), activation }),
  z.strictObject({ kind: z.literal('Dropout'), name, rate: z.number().min(0).lt(1) }),
  z.strictObject({ kind: z.literal('Flatten'), name }),
  z.strictObject({ kind: z.literal('GlobalAveragePooling2D'), name }),
  z.strictObject({
    ...{ kind: z.literal('InputNormalization'), name, colours: z.enum(['RGB', 'BGR']), scale: z.number().positive() },
    ...{ mean: perChannel(0), deviation: perChannel(1e-6) },
  }),
  z.strictObject({
    ...{ kind: z.literal('LocalResponseNormalization'), name, size: side },
    ...{ alpha: z.number(), beta: z.number(), bias: z.number() },
  }),
  z.strictObject({ kind: z.literal('MaxPooling2D'), ...pooling }),
  z.strictObject({ kind: z.literal('Rescaling'), name, scale: z.number(), offset: z.number() }),
  z.strictObject({ kind: z.literal('ZeroPadding2D'), name, padding: sides }),
]);

const plainDescriptions = z.array(plainDescription).max(MOST_LAYERS);

/**
 * One layer: Keras's word for its kind (or ours where Keras has none), its name, and the options of the function that
 * makes it. Residual blocks do not lie in one another.
 */
export const layerDescription = z.discriminatedUnion('kind', [
  ...plainDescription.options,
  z.strictObject({
    ...{ kind: z.literal('Residual'), name, activation, main: plainDescriptions.min(1), shortcut: plainDescriptions },
  }),
]);

export type LayerDescription = z.output<typeof layerDescription>;

/** The layers of a network, from the pictures to the logits. */
export const networkDescription = z
  .array(layerDescription)
  .min(1)
  .max(MOST_LAYERS)
  .refine((layers) => {
    const names = layers.flatMap(namesIn);
    return new Set(names).size === names.length;
  }, 'a name stands there twice');

/** The names of a layer and of those in it. */
export function namesIn(layer: LayerDescription): string[] {
  return layer.kind === 'Residual' ? [layer, ...layer.main, ...layer.shortcut].map(({ name }) => name) : [layer.name];
}

/** The layer that a description stands for. Parameters that nothing else gives values to start as He et al. (2015) say. */
export function layerOf(description: LayerDescription): Layer {
  const initialise = heNormal;
  switch (description.kind) {
    case 'Activation':
      return activationLayer(description.name, description.activation);
    case 'AveragePooling2D':
      return averagePoolLayer(description.name, description);
    case 'BandsOfYears':
      return bandsOfYearsLayer(description.name, description.ranges);
    case 'BatchNormalization':
      return batchNormLayer(description.name, description);
    case 'Conv2D':
      return convolutionLayer(description.name, { ...description, initialise });
    case 'Dense':
      return denseLayer(description.name, { ...description, initialise });
    case 'Dropout':
      return dropoutLayer(description.name, description.rate);
    case 'Flatten':
      return flattenLayer(description.name);
    case 'GlobalAveragePooling2D':
      return globalAveragePoolLayer(description.name);
    case 'InputNormalization':
      return inputNormalisationLayer(description.name, description);
    case 'LocalResponseNormalization':
      return localResponseNormLayer(description.name, description);
    case 'MaxPooling2D':
      return maxPoolLayer(description.name, description.size, description.stride, description.padding);
    case 'Rescaling':
      return rescalingLayer(description.name, description);
    case 'Residual':
      return residualLayer(description.name, {
        ...{ main: description.main.map(layerOf), shortcut: description.shortcut.map(layerOf) },
        activation: description.activation,
      });
    case 'ZeroPadding2D':
      return zeroPaddingLayer(description.name, description.padding);
  }
}

/** Channels, units or classes that a layer gives, where its description says it. */
function outputsOf(layer: LayerDescription): number | undefined {
  if (layer.kind === 'BandsOfYears') return layer.ranges.length;
  return layer.kind === 'Dense' ? layer.units : layer.kind === 'Conv2D' ? layer.filters : undefined;
}

/**
 * A network that is given by the descriptions of its layers. Its last layer fixes the number of classes.
 * @param name what it is called in summaries and files
 */
export function describedNetwork(name: string, layers: readonly LayerDescription[]): NetworkDefinition {
  return {
    name,
    layers(classes) {
      const last = layers.findLast(({ kind }) => kind === 'Dense' || kind === 'Conv2D' || kind === 'BandsOfYears');
      const given = last && outputsOf(last);
      if (given !== undefined && given !== classes) {
        throw new ShapeError(`the network "${name}" ends in ${given} classes, not ${classes}`);
      }
      return layers.map(layerOf);
    },
  };
}
