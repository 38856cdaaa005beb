import { ShapeError } from '../../base/errors.js';
import { add, pad } from '../../graph/operators/index.js';
import type { Value } from '../../graph/graph.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Layer } from '../layer.js';

export interface ResidualLayerOptions {
  /** The layers of the longer way. */
  readonly main: readonly Layer[];
  /** Those of the shorter one; none by default. */
  readonly shortcut?: readonly Layer[];
  /** After the sum. */
  readonly activation?: Activation;
}

/**
 * A residual block (He et al. 2016): activation(main(x) + shortcut(x)). Where one of both has fewer channels, rows or
 * columns, zeros stand for those at the end that it lacks, as in dlib's `add_prev`.
 * @throws {ShapeError} when a residual block lies in another
 */
export function residualLayer(name: string, options: ResidualLayerOptions): Layer {
  const { main, shortcut = [], activation = 'linear' } = options;
  return {
    name,
    kind: 'Residual',
    description: { kind: 'Residual', name, main: main.map(plain), shortcut: shortcut.map(plain), activation },
    apply(x, context) {
      const follow = (layers: readonly Layer[]): Value =>
        layers.reduce((value, layer) => x.graph.scope(layer.name, () => layer.apply(value, context.of(layer))), x);
      const [long, short] = [follow(main), follow(shortcut)];
      return activate(add(grown(long, short.shape), grown(short, long.shape)), activation);
    },
  };
}

function plain({ description }: Layer) {
  if (description.kind !== 'Residual') return description;
  throw new ShapeError(`residual blocks do not lie in one another, as "${description.name}" does`);
}

/** A value with zeros at the end of each axis that is shorter than in `shape`. */
function grown(x: Value, shape: readonly number[]): Value {
  const lacking = x.shape.map((length, axis) => Math.max(0, shape[axis]! - length));
  return lacking.some((count) => count > 0) ? pad(x, [...lacking.map(() => 0), ...lacking]) : x;
}
