import { gemm } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Initialiser } from '../initialisers.js';
import { constant } from '../initialisers.js';
import type { Layer } from '../layer.js';

export interface DenseLayerOptions {
  readonly units: number;
  readonly initialise: Initialiser;
  /** What every bias starts from; 0 by default. */
  readonly initialBias?: number;
  readonly activation?: Activation;
}

/** Fully connected layer: [N, I] → [N, units], kernel [I, units]. */
export function denseLayer(name: string, options: DenseLayerOptions): Layer {
  const { units, initialise, initialBias = 0, activation = 'linear' } = options;
  return {
    name,
    kind: 'Dense',
    apply(x, context) {
      const kernel = context.parameter('kernel', [x.shape[1]!, units], initialise);
      const bias = context.parameter('bias', [units], constant(initialBias));
      return activate(gemm(x, kernel, bias), activation);
    },
  };
}
