import { multiply } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';

/** Sets a share of the elements to zero while training and scales the others up (Srivastava et al. 2014). */
export function dropoutLayer(name: string, rate: number): Layer {
  return {
    name,
    kind: 'Dropout',
    description: { kind: 'Dropout', name, rate },
    apply: (x, context) => (context.training && rate > 0 ? multiply(x, context.dropoutMask(x.shape, rate)) : x),
  };
}
