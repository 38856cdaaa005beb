import { convolution } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Initialiser } from '../initialisers.js';
import { constant } from '../initialisers.js';
import type { Layer } from '../layer.js';

export interface ConvolutionLayerOptions {
  /** Number of output channels. */
  readonly filters: number;
  /** Height and width of the square kernel, in pixels. */
  readonly kernel: number;
  readonly initialise: Initialiser;
  /** Step of the window in pixels; 1 by default. */
  readonly stride?: number;
  /** Zeros added on each side, in pixels; 0 by default. */
  readonly padding?: number;
  /** What every bias starts from; 0 by default. */
  readonly initialBias?: number;
  readonly activation?: Activation;
}

/** Convolution with bias and activation: [N, C, H, W] → [N, filters, oH, oW]. */
export function convolutionLayer(name: string, options: ConvolutionLayerOptions): Layer {
  const { filters, kernel: size, initialise, stride = 1, padding = 0, initialBias = 0, activation = 'linear' } = options;
  return {
    name,
    kind: 'Conv2D',
    apply(x, context) {
      const kernel = context.parameter('kernel', [filters, x.shape[1]!, size, size], initialise);
      const bias = context.parameter('bias', [filters], constant(initialBias));
      const pads = [padding, padding, padding, padding] as const;
      return activate(convolution(x, kernel, bias, { strides: [stride, stride], pads }), activation);
    },
  };
}
