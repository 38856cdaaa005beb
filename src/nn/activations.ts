import type { Value } from '../graph/graph.js';
import { hyperbolicTangent, relu, sigmoid } from '../graph/operators/index.js';

/** Names of the activations, which are Keras's. */
export const ACTIVATIONS = ['linear', 'relu', 'sigmoid', 'tanh'] as const;

export type Activation = (typeof ACTIVATIONS)[number];

const functions: Readonly<Record<Activation, (x: Value) => Value>> = {
  linear: (x) => x,
  relu,
  sigmoid,
  tanh: hyperbolicTangent,
};

/** Applies an activation element by element. */
export function activate(x: Value, activation: Activation): Value {
  return functions[activation](x);
}
