import { floatTensor } from '../../base/tensor.js';
import type { Value } from '../../graph/graph.js';
import {
  add,
  batchNorm,
  divide,
  localResponseNorm,
  multiply,
  reduceMean,
  reshape,
  squareRoot,
  subtract,
} from '../../graph/operators/index.js';
import type { LocalResponseNormOptions } from '../../graph/operators/index.js';
import { constant } from '../initialisers.js';
import type { Layer } from '../layer.js';

export interface BatchNormLayerOptions {
  /** Share of the old value that a moving statistic keeps at each step. */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
  /** Whether there is a factor for each channel, gamma; true by default. */
  readonly scale?: boolean;
  /** Whether there is a summand for each channel, beta; true by default. */
  readonly centre?: boolean;
}

/**
 * Batch normalisation over all axes but the channels (Ioffe & Szegedy 2015), with Keras's defaults: momentum 0.99 and
 * epsilon 1e-3. While training it uses the batch's own mean and (biased) variance and updates the moving statistics;
 * in inference, or frozen, it uses those and leaves them as they are.
 * @param x [N, C, H, W] or [N, C]
 */
export function batchNormLayer(name: string, options: BatchNormLayerOptions = {}): Layer {
  const { momentum = 0.99, epsilon = 1e-3, scale: hasScale = true, centre = true } = options;
  return {
    name,
    kind: 'BatchNormalization',
    description: { kind: 'BatchNormalization', name, momentum, epsilon, scale: hasScale, centre },
    apply(x, context) {
      const channels = [x.shape[1]!];
      const fixed = (value: number) => x.graph.constant(floatTensor(new Float32Array(channels[0]!).fill(value), channels));
      const gamma = hasScale ? context.parameter('gamma', channels, constant(1)) : fixed(1);
      const beta = centre ? context.parameter('beta', channels, constant(0)) : fixed(0);
      const movingMean = context.parameter('moving_mean', channels, constant(0), { trainable: false });
      const movingVariance = context.parameter('moving_variance', channels, constant(1), { trainable: false });
      if (!context.training || context.frozen) {
        return batchNorm(x, { gamma, beta, mean: movingMean, variance: movingVariance }, epsilon);
      }
      const perChannel = x.shape.map((length, axis) => (axis === 1 ? length : 1));
      const otherAxes = { axes: [...x.shape.keys()].filter((axis) => axis !== 1) };
      const mean = reduceMean(x, otherAxes);
      const centred = subtract(x, reshape(mean, perChannel));
      const variance = reduceMean(multiply(centred, centred), otherAxes);
      const scale = divide(gamma, squareRoot(add(variance, epsilon)));
      const blend = (old: Value, current: Value) => add(multiply(old, momentum), multiply(current, 1 - momentum));
      context.update('moving_mean', blend(movingMean, mean));
      context.update('moving_variance', blend(movingVariance, variance));
      return add(multiply(centred, reshape(scale, perChannel)), reshape(beta, perChannel));
    },
  };
}

/** Local response normalisation across channels (Krizhevsky et al. 2012). */
export function localResponseNormLayer(name: string, options: LocalResponseNormOptions): Layer {
  const { size, alpha, beta, bias } = options;
  const kind = 'LocalResponseNormalization';
  return {
    name,
    kind,
    description: { kind, name, size, alpha, beta, bias },
    apply: (x) => localResponseNorm(x, { size, alpha, beta, bias }),
  };
}
