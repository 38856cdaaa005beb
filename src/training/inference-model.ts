import { contractMetadata, temperatureMetadata } from '../formats/onnx-contract.js';
import { networkMetadata } from '../formats/onnx-network.js';
import type { BatchNormFold } from '../graph/fold-batch-norm.js';
import { eightBitWeights } from '../graph/eight-bit-weights.js';
import { foldingBatchNorm } from '../graph/fold-batch-norm.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import type { TrainedNetwork } from '../nn/network.js';
import { buildNetwork, networkOutputs, yearLogits } from '../nn/network.js';

export interface InferenceModelOptions extends TrainedNetwork {
  /**
   * `logits` leaves out the temperature and the softmax, and names the output so; of a network that tells single years, they
   * are those of the years. Default: `probabilities`.
   */
  readonly output?: 'probabilities' | 'logits';
  /** Whether weights are kept as 8 bits each, as `eightBitWeights` says. Default: no. */
  readonly eightBits?: boolean;
}

/**
 * An ONNX model for inference: `images` [N, 3, H, W] (RGB, 0..1, whole pictures squashed to a square, or aligned faces) in,
 * `probabilities` [N, classes] out, N free; of a network that tells ages by single years also `years` [N, years], the
 * probability of each, of which those of the bands are sums. Batch normalisation is folded into the convolutions, and a temperature is part
 * of the graph. The file's metadata say what a program must know to feed it, and what `readOnnxNetwork` must know to make
 * the network again.
 * @throws {ShapeError} when weights are missing or misshapen
 */
export function inferenceModel(options: InferenceModelOptions): Uint8Array {
  const { network, weights, imageSize, classes, temperature, alignment, output = 'probabilities', eightBits = false } = options;
  const built = buildNetwork(network, { batch: 1, imageSize, classes: classes.length, training: false, weights });
  const outputs = output === 'logits' ? { logits: yearLogits(built) ?? built.logits } : networkOutputs(built, temperature);
  for (const [name, value] of Object.entries(outputs)) built.graph.output(name, value);
  const folds: BatchNormFold[] = [];
  const { graph } = rewrite(built.graph, [poolBeforeRelu, foldingBatchNorm((fold) => folds.push(fold))]);
  const layers = built.layers.map(({ layer }) => layer.description);
  return serialise(eightBits ? rewrite(graph, [eightBitWeights]).graph : graph, {
    batchAxis: 'N',
    metadata: {
      'ageband.model': network.name,
      ...contractMetadata({ classes, imageSize, ...(alignment && { alignment }) }),
      ...temperatureMetadata(temperature),
      ...networkMetadata(layers, graph, folds),
    },
  });
}
