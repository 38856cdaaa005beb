import type { Value } from '../graph/graph.js';
import type { LayerDescription } from './description.js';
import type { Initialiser } from './initialisers.js';

/** A tensor that belongs to a network. */
export interface ParameterSpec {
  /** `layer.role`, for instance `conv1.kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialise: Initialiser;
  /** False for running statistics and for the weights of frozen layers, which the optimiser leaves alone. */
  readonly trainable: boolean;
}

/** What a layer may ask for while it builds its part of a graph. */
export interface LayerContext {
  /** Whether the graph is for training: dropout is active and batch statistics are used. */
  readonly training: boolean;
  /** Whether the weights of this layer stay as they are, and with them the statistics that it keeps. */
  readonly frozen: boolean;
  /** Declares a parameter of this layer. */
  parameter(role: string, shape: readonly number[], initialise: Initialiser, options?: { trainable?: boolean }): Value;
  /** Says what the next value of a parameter that is not trained will be. */
  update(role: string, next: Value): void;
  /** A tensor that is drawn anew at each step: 0 with probability `rate`, else 1 / (1 − rate). */
  dropoutMask(shape: readonly number[], rate: number): Value;
  /** The same for a layer inside this one. */
  of(layer: Layer): LayerContext;
}

/** One layer of a network: a name, Keras's word for its kind, all that it is as a plain value, and how it extends a graph. */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  /** Without what its parameters start from. */
  readonly description: LayerDescription;
  apply(x: Value, context: LayerContext): Value;
}
