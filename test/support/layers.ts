import type { HostTensor } from '../../src/base/tensor.js';
import type { Layer } from '../../src/nn/layer.js';
import { buildNetwork } from '../../src/nn/network.js';
import type { BuiltNetwork } from '../../src/nn/network.js';
import { evaluate } from './numeric.js';

export interface LayerRun {
  readonly built: BuiltNetwork;
  /** Values by name: the output `y`, and `next:ROLE` for each parameter that the layer updates. */
  readonly outputs: Readonly<Record<string, HostTensor>>;
}

/**
 * Runs layers in a network of their own.
 * @param images [N, 3, S, S]
 * @param tensors parameters and masks by name (`layer.role`)
 * @param training whether they are trained, or which of them are not
 */
export async function runLayers(
  layers: readonly Layer[],
  images: HostTensor,
  tensors: Readonly<Record<string, HostTensor>> = {},
  training: boolean | { readonly frozen: ReadonlySet<string> } = false,
): Promise<LayerRun> {
  const [batch, , imageSize] = images.shape as [number, number, number, number];
  const network = { name: 'test', layers: () => layers };
  const stage = typeof training === 'boolean' ? { training } : { training: true, ...training };
  const built = buildNetwork(network, { batch, imageSize, classes: 2, ...stage });
  built.graph.output('y', built.logits);
  for (const [name, value] of built.updates) built.graph.output(`next:${name}`, value);
  return { built, outputs: await evaluate(built.graph, { images, ...tensors }) };
}
