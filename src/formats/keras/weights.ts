/**
 * Where Keras and ageband differ in the order of a weight's elements. Keras has channels last: kernels of convolutions are
 * [kH, kW, I, O], and flattened pictures run over height, width, channels. Here kernels are [O, I, kH, kW], and flattened
 * pictures run over channels, height, width.
 */
import { gathered, rowMajorSteps } from '../../base/strides.js';
import type { LayerDescription } from '../../nn/description.js';
import type { NetworkDefinition } from '../../nn/network.js';
import { buildNetwork } from '../../nn/network.js';

/** How flattened pictures are ordered in a file: Keras's usual order, or that of its `channels_first`. */
export type FlattenOrder = 'HWC' | 'CHW';

/** One parameter on both sides. */
export interface WeightLayout {
  /** `layer.role`, as it is called here. */
  readonly name: string;
  readonly shape: readonly number[];
  /** As it stands in a file of Keras. */
  readonly kerasShape: readonly number[];
  /** False for moving statistics. */
  readonly trainable: boolean;
  readonly fromKeras: (values: Float32Array) => Float32Array;
  readonly toKeras: (values: Float32Array) => Float32Array;
}

/** A layer that has parameters. They stand in the order in which Keras lists them. */
export interface LayerWeights {
  readonly layer: string;
  /** Keras's word, such as `Conv2D`. */
  readonly kind: string;
  readonly weights: readonly WeightLayout[];
}

/** Elements are the same when the axes `shape` of Keras's array are put into this order. */
interface Reordering {
  readonly shape: readonly number[];
  readonly order: readonly number[];
}

/**
 * The layers with parameters from the first to the last, and the number of classes at the end.
 * @throws {ShapeError} naming the layer that does not fit
 */
export function weightLayouts(
  definition: NetworkDefinition,
  { imageSize, classes }: { readonly imageSize: number; readonly classes: number },
  flattened: FlattenOrder = 'HWC',
): LayerWeights[] {
  const network = buildNetwork(definition, { batch: 1, imageSize, classes, training: false });
  const layers: LayerWeights[] = [];
  let input = network.images.shape;
  // The picture that a flattened vector was, as long as its order matters.
  let picture: readonly number[] | undefined;
  for (const { layer, output } of network.layers) {
    const reorder = (shape: readonly number[]): Reordering | undefined => {
      if (shape.length === 4) {
        const [outputs, inputs, height, width] = shape as [number, number, number, number];
        return { shape: [height, width, inputs, outputs], order: [3, 2, 0, 1] };
      }
      if (picture === undefined || shape[0] !== picture[0]! * picture[1]! * picture[2]!) return undefined;
      const [channels, height, width] = picture as [number, number, number];
      const rest = shape.slice(1);
      return { shape: [height, width, channels, ...rest], order: [2, 0, 1, ...rest.map((_, axis) => axis + 3)] };
    };
    const isBias = (name: string): boolean => name.endsWith('.bias');
    for (const { name: owner, kind } of plainLayers(layer.description)) {
      const own = network.parameters.filter(({ name }) => name.startsWith(`${owner}.`));
      const weights = own.map(({ name, shape, trainable }) => ({
        ...{ name, shape, trainable },
        ...layoutOf(shape, isBias(name) ? undefined : reorder(shape)),
      }));
      if (weights.length > 0) layers.push({ layer: owner, kind, weights });
    }
    if (layer.kind === 'Flatten' && input.length === 4 && flattened === 'HWC') picture = input.slice(1);
    if (layer.kind === 'Dense') picture = undefined;
    input = output.shape;
  }
  return layers;
}

/**
 * The layer itself, or those in a residual block as Keras lists what lies side by side: by the number of layers up to where they
 * meet, those of the shortcut first.
 */
function plainLayers(layer: LayerDescription): readonly LayerDescription[] {
  if (layer.kind !== 'Residual') return [layer];
  const ways = [layer.shortcut, layer.main].flatMap((way) => way.map((own, index) => ({ own, left: way.length - index })));
  return ways.toSorted((one, other) => other.left - one.left).map(({ own }) => own);
}

function layoutOf(shape: readonly number[], reordering: Reordering | undefined) {
  if (reordering === undefined) return { kerasShape: shape, fromKeras: same, toKeras: same };
  const { shape: keras, order } = reordering;
  const ours = order.map((axis) => keras[axis]!);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return {
    kerasShape: shape.length === 4 ? keras : shape,
    fromKeras: (values: Float32Array) => transposed(values, keras, order),
    toKeras: (values: Float32Array) => transposed(values, ours, inverse),
  };
}

function same(values: Float32Array): Float32Array {
  return values;
}

/** Permutes axes: axis i of the result is axis `order[i]` of an array of `shape`. */
export function transposed(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = rowMajorSteps(shape);
  return gathered(
    values,
    order.map((axis) => shape[axis]!),
    order.map((axis) => strides[axis]!),
  );
}
