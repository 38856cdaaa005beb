import { gemm, matrixProduct } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Initialiser } from '../initialisers.js';
import { constant } from '../initialisers.js';
import type { Layer } from '../layer.js';

export interface DenseLayerOptions {
  readonly units: number;
  readonly initialise: Initialiser;
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** What every bias starts from; 0 by default. */
  readonly initialBias?: number;
  readonly activation?: Activation;
}

/** Fully connected layer: [N, I] → [N, units], kernel [I, units]. */
export function denseLayer(name: string, options: DenseLayerOptions): Layer {
  const { units, initialise, bias: hasBias = true, initialBias = 0, activation = 'linear' } = options;
  return {
    name,
    kind: 'Dense',
    description: { kind: 'Dense', name, units, bias: hasBias, activation },
    apply(x, context) {
      const kernel = context.parameter('kernel', [x.shape[1]!, units], initialise);
      if (!hasBias) return activate(matrixProduct(x, kernel), activation);
      return activate(gemm(x, kernel, context.parameter('bias', [units], constant(initialBias))), activation);
    },
  };
}
