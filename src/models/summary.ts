import { sizeOf } from '../base/tensor.js';
import { namesIn } from '../nn/description.js';
import type { Layer, ParameterSpec } from '../nn/layer.js';
import type { NetworkDefinition } from '../nn/network.js';
import { buildNetwork } from '../nn/network.js';

export interface LayerSummary {
  readonly name: string;
  /** Keras's word for the kind of layer, such as `Conv2D`. */
  readonly kind: string;
  /** [null, C, H, W] or [null, units]; null stands for the batch. */
  readonly outputShape: readonly (number | null)[];
  readonly parameters: number;
}

export interface ModelSummary {
  readonly name: string;
  readonly rows: readonly LayerSummary[];
  readonly parameters: number;
  readonly trainable: number;
  readonly nonTrainable: number;
}

/**
 * Layers, output shapes and parameter counts of a network. The weights of frozen layers count as not trainable.
 * @throws {ShapeError} when pictures of that size are too small for the network.
 */
export function summarise(
  definition: NetworkDefinition,
  { imageSize, classes, frozen = new Set() }: { imageSize: number; classes: number; frozen?: ReadonlySet<string> },
): ModelSummary {
  const network = buildNetwork(definition, { batch: 1, imageSize, classes, training: false, frozen });
  const count = (specs: readonly ParameterSpec[]) => specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  const trainable = count(network.parameters.filter((spec) => spec.trainable));
  const parameters = count(network.parameters);
  return {
    name: definition.name,
    rows: network.layers.map(({ layer, output }) => ({
      name: layer.name,
      kind: layer.kind,
      outputShape: [null, ...output.shape.slice(1)],
      parameters: count(network.parameters.filter(isOf(layer))),
    })),
    parameters,
    trainable,
    nonTrainable: parameters - trainable,
  };
}

/** Whether a parameter belongs to a layer, or to one in it. */
function isOf({ description }: Layer): (spec: ParameterSpec) => boolean {
  const names = namesIn(description);
  return (spec) => names.some((name) => spec.name.startsWith(`${name}.`));
}
