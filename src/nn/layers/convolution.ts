import { convolution } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Initialiser } from '../initialisers.js';
import { constant } from '../initialisers.js';
import type { Layer } from '../layer.js';
import type { Padding, Pair } from '../padding.js';
import { padsOf, pairOf } from '../padding.js';

export interface ConvolutionLayerOptions {
  /** Number of output channels. */
  readonly filters: number;
  /** Height and width of the kernel, in pixels; one number for a square. */
  readonly kernel: number | Pair;
  readonly initialise: Initialiser;
  /** Steps of the window in pixels; 1 by default. */
  readonly stride?: number | Pair;
  /** Distances between the pixels that a kernel meets; 1 by default. */
  readonly dilation?: number | Pair;
  /** Zeros around the picture, a number for that many on each side; none by default. */
  readonly padding?: number | Padding;
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** What every bias starts from; 0 by default. */
  readonly initialBias?: number;
  readonly activation?: Activation;
}

/** Convolution with bias and activation: [N, C, H, W] → [N, filters, oH, oW]. Its kernel is [filters, C, kH, kW]. */
export function convolutionLayer(name: string, options: ConvolutionLayerOptions): Layer {
  const { filters, initialise, bias: hasBias = true, initialBias = 0, activation = 'linear' } = options;
  const [kernel, stride, dilation] = [options.kernel, options.stride ?? 1, options.dilation ?? 1].map(pairOf) as [Pair, Pair, Pair];
  const padding = paddingOf(options.padding ?? 0);
  return {
    name,
    kind: 'Conv2D',
    description: { kind: 'Conv2D', name, filters, kernel, stride, dilation, padding, bias: hasBias, activation },
    apply(x, context) {
      const weights = context.parameter('kernel', [filters, x.shape[1]!, ...kernel], initialise);
      const bias = hasBias ? context.parameter('bias', [filters], constant(initialBias)) : undefined;
      const pads = padsOf(padding, [x.shape[2]!, x.shape[3]!], { kernel, stride, dilation });
      return activate(convolution(x, weights, bias, { strides: stride, dilations: dilation, pads }), activation);
    },
  };
}

function paddingOf(padding: number | Padding): Padding {
  if (typeof padding !== 'number') return padding;
  return padding === 0 ? 'valid' : [padding, padding, padding, padding];
}
