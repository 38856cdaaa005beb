import { add, multiply } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Layer } from '../layer.js';

/** An activation that stands by itself. */
export function activationLayer(name: string, activation: Activation): Layer {
  return {
    name,
    kind: 'Activation',
    description: { kind: 'Activation', name, activation },
    apply: (x) => activate(x, activation),
  };
}

/** x · scale + offset: brings pictures into the range that a network wants. */
export function rescalingLayer(name: string, { scale, offset }: { scale: number; offset: number }): Layer {
  return {
    name,
    kind: 'Rescaling',
    description: { kind: 'Rescaling', name, scale, offset },
    apply(x) {
      const scaled = multiply(x, scale);
      return offset === 0 ? scaled : add(scaled, offset);
    },
  };
}
