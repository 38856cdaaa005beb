import { ShapeError } from '../../base/errors.js';
import { shapeText } from '../../base/tensor.js';
import type { Attributes, Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { floatAttribute, integerAttribute, requireInput } from '../application.js';
import { convolution } from './convolution.js';
import { add, multiply } from './elementwise.js';

function sameShape(application: Application): Signature[] {
  const x = requireInput(application, 0);
  return [{ type: x.type, shape: x.shape }];
}

function batchNormRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  for (let index = 1; index <= 4; index++) {
    const statistic = requireInput(application, index);
    if (statistic.shape.length !== 1 || statistic.shape[0] !== x.shape[1]) {
      throw new ShapeError(
        `${application.name}: statistics ${shapeText(statistic.shape)} do not fit the channels of ${shapeText(x.shape)}`,
      );
    }
  }
  return [{ type: x.type, shape: x.shape }];
}

function localResponseNormRule(application: Application): Signature[] {
  const size = integerAttribute(application.attributes, 'size', 0);
  // ONNX allows any size, ONNX Runtime only those that reach as far to both sides.
  if (size % 2 !== 1) throw new ShapeError(`${application.name}: the size must be odd, got ${size}`);
  return sameShape(application);
}

export const normalisationRules: Readonly<Record<string, InferenceRule>> = {
  BatchNormalization: batchNormRule,
  LRN: localResponseNormRule,
  Softmax: sameShape,
  LogSoftmax: sameShape,
};

/** Scale, shift and statistics of batch normalisation, each [C]. */
export interface BatchNormOperands {
  readonly gamma: Value;
  readonly beta: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * (x − mean) / √(variance + epsilon) · gamma + beta, channel by channel, with the statistics given
 * (Ioffe & Szegedy 2015, inference mode).
 * @param x [N, C, ...]
 */
export function batchNorm(x: Value, operands: BatchNormOperands, epsilon: number): Value {
  const { gamma, beta, mean, variance } = operands;
  return x.graph.apply('BatchNormalization', [x, gamma, beta, mean, variance], { epsilon: { float: epsilon } })[0];
}

/** Options of local response normalisation; `size` is the number of neighbouring channels, odd. */
export interface LocalResponseNormOptions {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

/**
 * x / (bias + alpha / size · Σ x² over `size` neighbouring channels)^beta (Krizhevsky et al. 2012, section 3.3).
 * @param x [N, C, H, W]
 */
export function localResponseNorm(x: Value, options: LocalResponseNormOptions): Value {
  return x.graph.apply('LRN', [x], {
    size: options.size,
    alpha: { float: options.alpha },
    beta: { float: options.beta },
    bias: { float: options.bias },
  })[0];
}

/** What an LRN node raises to the power beta and divides by: bias + alpha / size · Σ x² over the neighbours. */
export function localResponseScale(x: Value, attributes: Attributes): Value {
  const size = integerAttribute(attributes, 'size', 1);
  const squares = sumOfNeighbours(multiply(x, x), (size - 1) / 2);
  return add(multiply(squares, floatAttribute(attributes, 'alpha', 1e-4) / size), floatAttribute(attributes, 'bias', 1));
}

/** For each channel, the sum over the channels up to `reach` away: a 1×1 convolution with a band matrix. */
export function sumOfNeighbours(x: Value, reach: number): Value {
  const channels = x.shape[1]!;
  const band = new Float32Array(channels * channels);
  for (let row = 0; row < channels; row++) {
    const last = Math.min(row + reach, channels - 1);
    for (let column = Math.max(0, row - reach); column <= last; column++) band[row * channels + column] = 1;
  }
  const kernel = x.graph.constant({ type: 'float32', data: band, shape: [channels, channels, 1, 1] }, 'neighbours');
  return convolution(x, kernel);
}

/** exp(x) / Σ exp(x) along the last axis. */
export function softmax(x: Value): Value {
  return x.graph.apply('Softmax', [x], { axis: -1 })[0];
}

/** x − log Σ exp(x) along the last axis. */
export function logSoftmax(x: Value): Value {
  return x.graph.apply('LogSoftmax', [x], { axis: -1 })[0];
}
