/** Layers of Keras as layers of this package. */
import { z } from 'zod';
import { FormatError } from '../../base/errors.js';
import type { Activation } from '../../nn/activations.js';
import { ACTIVATIONS } from '../../nn/activations.js';
import type { LayerDescription } from '../../nn/description.js';
import { networkDescription } from '../../nn/description.js';
import type { KerasLayer, KerasModelConfig } from './model-config.js';
import type { FlattenOrder } from './weights.js';

/** A network as it can be built here. */
export interface ConvertedNetwork {
  /** From pictures to logits. */
  readonly layers: readonly LayerDescription[];
  readonly flattened: FlattenOrder;
  /** Names of the layers that the optimiser did not change. */
  readonly frozen: ReadonlySet<string>;
  /** Of square pictures, in pixels; undefined where the file leaves it open. */
  readonly imageSize: number | undefined;
  /** What was left out or taken in some way, for the user. */
  readonly notes: readonly string[];
}

const side = z.int().min(1);
const sides = z.union([side.transform((length): [number, number] => [length, length]), z.tuple([side, side])]);
const format = z.enum(['channels_last', 'channels_first']).default('channels_last');
const padding = z.enum(['valid', 'same']).default('valid');
const margin = z.int().min(0);
const pooling = z.looseObject({ pool_size: sides, strides: sides.nullish(), padding, data_format: format });

const schemas = {
  convolution: z.looseObject({
    ...{ filters: side, kernel_size: sides, strides: sides.default([1, 1]), padding, data_format: format },
    ...{ dilation_rate: sides.default([1, 1]), groups: side.default(1), use_bias: z.boolean().default(true) },
  }),
  dense: z.looseObject({ units: side, use_bias: z.boolean().default(true) }),
  normalisation: z.looseObject({
    axis: z.union([z.int(), z.tuple([z.int()]).transform(([axis]) => axis)]).default(-1),
    ...{ momentum: z.number().default(0.99), epsilon: z.number().default(1e-3) },
    ...{ center: z.boolean().default(true), scale: z.boolean().default(true) },
  }),
  pooling,
  global: z.looseObject({ data_format: format, keepdims: z.literal(false, 'keepdims is not supported').optional() }),
  zeroPadding: z.looseObject({
    padding: z.union([
      margin.transform((all): Margins => [[all, all], [all, all]]),
      z.tuple([z.tuple([margin, margin]), z.tuple([margin, margin])]),
      z.tuple([margin, margin]).transform(([rows, columns]): Margins => [[rows, rows], [columns, columns]]),
    ]),
    data_format: format,
  }),
  dropout: z.looseObject({ rate: z.number(), noise_shape: z.null('noise_shape is not supported').optional() }),
  relu: z.looseObject({
    max_value: z.null('max_value is not supported').optional(),
    negative_slope: z.union([z.literal(0), z.tuple([z.literal(0)])], 'negative_slope is not supported').nullish(),
    threshold: z.literal(0, 'threshold is not supported').nullish(),
  }),
  rescaling: z.looseObject({ scale: z.number(), offset: z.number().default(0) }),
  flatten: z.looseObject({ data_format: format }),
};
type Margins = [[number, number], [number, number]];

/** Rescaling at the start by less than this is meant for pictures of 0..255. */
const BYTE_SCALE = 0.1;

/** The ranges of pixel values that networks take, and how to get there from 0..1. */
export const INPUT_RANGES = {
  '0..1': { scale: 1, offset: 0 },
  '0..255': { scale: 255, offset: 0 },
  '-1..1': { scale: 2, offset: -1 },
} as const;
export type InputRange = keyof typeof INPUT_RANGES;

/**
 * Converts the layers of a network.
 * @param inputRange of the pixel values that it was trained with; 0..1 when it is not given
 * @throws {FormatError} naming the first layer that has no counterpart here, and why
 */
export function fromKeras({ layers, inputShape }: KerasModelConfig, file: string, inputRange?: InputRange): ConvertedNetwork {
  const converter = new Converter(file);
  const own = layers.flatMap((layer, index) => converter.convert(layer, layers.slice(index + 1)));
  const first = own[0];
  if (inputRange === undefined && first?.kind === 'Rescaling' && Math.abs(first.scale) < BYTE_SCALE) {
    throw new FormatError(file, `begins with a rescaling by ${first.scale}, as for pixels of 0..255`, {
      hint: 'Say which pixel values the network takes, with --input-range 0..255 for instance.',
    });
  }
  const all = [...rangeLayer(inputRange), ...own];
  const parsed = networkDescription.safeParse(all);
  if (!parsed.success) throw new FormatError(file, `has layers that cannot be used: ${faultsOf(parsed.error, all)}`);
  if (!converter.endsInSoftmax) converter.notes.push('It ends without softmax: its outputs are taken for logits.');
  return {
    layers: parsed.data,
    flattened: converter.flattened,
    frozen: converter.frozen,
    imageSize: imageSizeOf(inputShape, converter.format, file),
    notes: converter.notes,
  };
}

/** What brings pixels of 0..1, which networks get here, into the range that one takes. */
function rangeLayer(range: InputRange = '0..1'): LayerDescription[] {
  return range === '0..1' ? [] : [{ kind: 'Rescaling', name: 'input_range', ...INPUT_RANGES[range] }];
}

const WEIGHTED = ['Conv2D', 'Dense', 'BatchNormalization'];

/** Goes through the layers and remembers what one says about the next. */
class Converter {
  readonly notes: string[] = [];
  readonly frozen = new Set<string>();
  flattened: FlattenOrder = 'HWC';
  format: 'channels_last' | 'channels_first' | undefined;
  endsInSoftmax = false;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The layers that stand for one of Keras's: none for a softmax at the end. */
  convert(layer: KerasLayer, later: readonly KerasLayer[]): LayerDescription[] {
    const { className, config } = layer;
    const name = layer.name.replaceAll(/[^\w-]/g, '_');
    if (config['trainable'] === false) this.frozen.add(name);
    this.#note(layer);
    switch (className) {
      case 'Conv2D': {
        const given = this.#parse(layer, schemas.convolution);
        this.#sameFormat(layer, given.data_format);
        if (given.groups !== 1) this.#fail(layer, 'groups are not supported');
        const activation = this.#activation(layer, config['activation'], later);
        const { filters, kernel_size: kernel, strides: stride, dilation_rate: dilation, use_bias: bias } = given;
        return [{ kind: 'Conv2D', name, filters, kernel, stride, dilation, padding: given.padding, bias, activation }];
      }
      case 'Dense': {
        const { units, use_bias: bias } = this.#parse(layer, schemas.dense);
        return [{ kind: 'Dense', name, units, bias, activation: this.#activation(layer, config['activation'], later) }];
      }
      case 'BatchNormalization': {
        const { axis, momentum, epsilon, center: centre, scale } = this.#parse(layer, schemas.normalisation);
        if (axis !== -1 && axis !== (this.format === 'channels_first' ? 1 : 3)) this.#fail(layer, `axis ${axis} is not that of the channels`);
        return [{ kind: 'BatchNormalization', name, momentum, epsilon, scale, centre }];
      }
      case 'MaxPooling2D':
      case 'AveragePooling2D': {
        const given = this.#parse(layer, schemas.pooling);
        this.#sameFormat(layer, given.data_format);
        const { pool_size: size } = given;
        return [{ kind: className, name, size, stride: given.strides ?? size, padding: given.padding }];
      }
      case 'GlobalAveragePooling2D':
        this.#sameFormat(layer, this.#parse(layer, schemas.global).data_format);
        return [{ kind: 'GlobalAveragePooling2D', name }];
      case 'ZeroPadding2D': {
        const given = this.#parse(layer, schemas.zeroPadding);
        this.#sameFormat(layer, given.data_format);
        const [[top, bottom], [left, right]] = given.padding;
        return [{ kind: 'ZeroPadding2D', name, padding: [top, left, bottom, right] }];
      }
      case 'Flatten':
        // With channels_first Keras puts the channels last before it flattens.
        this.flattened = this.format === 'channels_first' && this.#parse(layer, schemas.flatten).data_format === 'channels_last' ? 'CHW' : 'HWC';
        return [{ kind: 'Flatten', name }];
      case 'Dropout':
        return [{ kind: 'Dropout', name, rate: this.#parse(layer, schemas.dropout).rate }];
      case 'Rescaling': {
        const { scale, offset } = this.#parse(layer, schemas.rescaling);
        return [{ kind: 'Rescaling', name, scale, offset }];
      }
      case 'ReLU':
        this.#parse(layer, schemas.relu);
        return [{ kind: 'Activation', name, activation: 'relu' }];
      case 'Softmax':
        this.#softmax(layer, later);
        return [];
      case 'Activation': {
        const activation = this.#activation(layer, config['activation'], later);
        return this.endsInSoftmax ? [] : [{ kind: 'Activation', name, activation }];
      }
      default:
        return this.#fail(layer, 'there is no such layer here');
    }
  }

  #parse<Schema extends z.ZodType>(layer: KerasLayer, schema: Schema): z.output<Schema> {
    const parsed = schema.safeParse(layer.config);
    if (parsed.success) return parsed.data;
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return this.#fail(layer, faults.join('; '));
  }

  #activation(layer: KerasLayer, given: unknown, later: readonly KerasLayer[]): Activation {
    const activation = activationName(given);
    if (activation === 'softmax') return this.#softmax(layer, later);
    if (activation === 'sigmoid' && later.length === 0) {
      this.#fail(layer, 'a network that ends in a sigmoid tells no classes apart; only softmax does');
    }
    const known = ACTIVATIONS.find((name) => name === activation);
    return known ?? this.#fail(layer, `the activation ${JSON.stringify(activation)} is not known here`);
  }

  /** Networks end in logits here; who uses them adds the softmax. */
  #softmax(layer: KerasLayer, later: readonly KerasLayer[]): 'linear' {
    if (later.length > 0) this.#fail(layer, 'a softmax is known at the end of a network only');
    const { axis } = layer.config;
    if (layer.className === 'Softmax' && axis !== undefined && axis !== -1 && axis !== 1) this.#fail(layer, 'its axis is not that of the classes');
    this.endsInSoftmax = true;
    return 'linear';
  }

  #sameFormat(layer: KerasLayer, given: 'channels_last' | 'channels_first'): void {
    this.format ??= given;
    if (given !== this.format) this.#fail(layer, `it has ${given}, a layer before it ${this.format}`);
  }

  #note({ name, className, config }: KerasLayer): void {
    if (config['trainable'] === false && WEIGHTED.includes(className)) {
      this.notes.push(`Layer "${name}" was frozen; here it is trained like the others.`);
    }
    const regularisers = ['kernel_regularizer', 'bias_regularizer', 'activity_regularizer', 'beta_regularizer', 'gamma_regularizer'];
    if (regularisers.some((key) => (config[key] ?? null) !== null)) {
      this.notes.push(`The regularisation of layer "${name}" is left out; it matters while training only.`);
    }
  }

  #fail({ name, className }: KerasLayer, reason: string): never {
    throw new FormatError(this.#file, `layer "${name}" (${className}): ${reason}`, {
      hint: 'The guide to exchanging models (docs/exchange.md) lists the layers that can be read.',
    });
  }
}

/** Keras writes an activation as its name, as nothing, or as an object that holds the name. */
function activationName(given: unknown): unknown {
  if (given === undefined || given === null) return 'linear';
  if (typeof given !== 'object') return given;
  const { class_name: kind, config } = given as { class_name?: unknown; config?: unknown };
  if (kind === 'function') return config;
  const plain = typeof config !== 'object' || config === null || Object.keys(config).every((key) => key === 'name' || key === 'dtype');
  return plain && typeof kind === 'string' ? kind.toLowerCase() : 'with options';
}

function imageSizeOf(
  shape: readonly (number | null)[] | undefined,
  format: 'channels_last' | 'channels_first' = 'channels_last',
  file: string,
): number | undefined {
  if (shape === undefined) return undefined;
  const [rows, columns, channels] = format === 'channels_last' ? shape.slice(1) : [shape[2], shape[3], shape[1]];
  if (shape.length !== 4 || channels !== 3 || rows !== columns) {
    throw new FormatError(file, `takes inputs of shape [${shape.map(String).join(', ')}], not square pictures of 3 channels`);
  }
  return rows ?? undefined;
}

function faultsOf(error: z.ZodError, layers: readonly LayerDescription[]): string {
  return error.issues
    .map(({ path: [index, ...rest], message }) => {
      const layer = typeof index === 'number' ? layers[index] : undefined;
      return `${layer === undefined ? '' : `layer "${layer.name}" (${layer.kind}) `}${[...rest.map(String), message].join(': ')}`;
    })
    .join('; ');
}
