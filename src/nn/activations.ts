import type { Value } from '../graph/graph.js';
import { relu } from '../graph/operators/index.js';

export type Activation = 'linear' | 'relu';

/** Applies an activation element by element. */
export function activate(x: Value, activation: Activation): Value {
  return activation === 'relu' ? relu(x) : x;
}
