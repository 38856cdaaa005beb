import { sizeOf } from '../base/tensor.js';
import type { Value } from './graph.js';
import { concatenate, relu, split } from './operators/index.js';
import type { RewriteRule } from './rewrite.js';

/**
 * max-pool(ReLU(x)) = ReLU(max-pool(x)): a maximum commutes with a monotonic function. Pooling first leaves the ReLU, its
 * gradient and the memory of both smaller by the stride squared. Not where the positions of the maxima are wanted: ReLU
 * makes equal zeros, of which the first counts.
 */
export const poolBeforeRelu: RewriteRule = (node, { mapped, uses }) => {
  const activation = node.inputs[0]?.producer;
  if (node.operator !== 'MaxPool' || activation?.operator !== 'Relu' || uses(activation.outputs[0]!) !== 1) return;
  if (uses(node.outputs[1]!) > 0) return;
  const x = mapped(activation.inputs[0]!);
  return [x.graph.scope(node.name, () => relu(x.graph.apply('MaxPool', [x], node.attributes)[0]))];
};

/**
 * Runs a convolution and the max-pooling after it for a few pictures at a time, so that the large map between them, and
 * its gradient, never exist for the whole batch: at batch 50 and 227×227 pixels the report's first one takes 0.94 GB.
 * @param largest bytes that such a map may take
 */
export const poolInChunks = (largest: number): RewriteRule => (node, { mapped, uses }) => {
  const conv = node.inputs[0]?.producer;
  if (node.operator !== 'MaxPool' || conv?.operator !== 'Conv' || uses(conv.outputs[0]!) !== 1) return;
  const { shape } = conv.outputs[0]!;
  const batch = shape[0]!;
  const chunks = Math.min(batch, Math.ceil((4 * sizeOf(shape)) / largest));
  if (chunks === 1) return;
  const lengths = Array.from({ length: chunks }, (_, index) => Math.floor((batch + index) / chunks));
  const [x, ...parameters] = conv.inputs.map((value) => value && mapped(value)) as [Value, Value, Value | undefined];
  const { graph } = x;
  const pooled = split(x, 0, lengths).map((part) => {
    const [y] = graph.scope(conv.name, () => graph.apply('Conv', [part, ...parameters], conv.attributes));
    return graph.scope(node.name, () => graph.apply('MaxPool', [y], node.attributes))[0];
  });
  return [concatenate(pooled as [Value, ...Value[]], 0)];
};
