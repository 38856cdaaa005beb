import { ShapeError } from '../../base/errors.js';
import { shapeText } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integersAttribute, requireInput } from '../application.js';
import type { Window } from './convolution.js';
import { windowedSize, windowOf } from './convolution.js';

function pooled(application: Application): Signature {
  const x = requireInput(application, 0);
  if (x.shape.length !== 4) {
    throw new ShapeError(`${application.name}: ${application.operator} needs a picture [N, C, H, W], got ${shapeText(x.shape)}`);
  }
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const kernel = integersAttribute(application.attributes, 'kernel_shape', []);
  const size = windowedSize(application.name, [height, width], kernel, windowOf(application));
  return { type: x.type, shape: [batch, channels, ...size] };
}

function globalRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  return [{ type: x.type, shape: [x.shape[0]!, x.shape[1]!, 1, 1] }];
}

export const poolingRules: Readonly<Record<string, InferenceRule>> = {
  /** The second output holds the flat positions of the maxima in the whole input. */
  MaxPool: (application) => {
    const y = pooled(application);
    return [y, { type: 'int64', shape: y.shape }];
  },
  AveragePool: (application) => [pooled(application)],
  GlobalAveragePool: globalRule,
};

/** Options of a pooling layer; the stride defaults to 1. */
export interface PoolingOptions extends Partial<Window> {
  readonly kernel: readonly [number, number];
}

/**
 * Maxima of windows.
 * @param x [N, C, H, W]
 * @returns [N, C, oH, oW]
 */
export function maxPool(x: Value, options: PoolingOptions): Value {
  return x.graph.apply('MaxPool', [x], poolingAttributes(options))[0];
}

/**
 * Means of windows; padding counts as zeros when `countPadding` is set, else it is left out of the mean.
 * @param x [N, C, H, W]
 * @returns [N, C, oH, oW]
 */
export function averagePool(x: Value, options: PoolingOptions & { readonly countPadding?: boolean }): Value {
  const attributes = { ...poolingAttributes(options), count_include_pad: options.countPadding ? 1 : 0 };
  return x.graph.apply('AveragePool', [x], attributes)[0];
}

/** Mean of each channel: [N, C, H, W] → [N, C, 1, 1]. */
export function globalAveragePool(x: Value): Value {
  return x.graph.apply('GlobalAveragePool', [x])[0];
}

function poolingAttributes(options: PoolingOptions) {
  return {
    kernel_shape: options.kernel,
    strides: options.strides ?? [1, 1],
    pads: options.pads ?? [0, 0, 0, 0],
    dilations: options.dilations ?? [1, 1],
  };
}
