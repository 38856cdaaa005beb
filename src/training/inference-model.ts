import { calibrationMetadata, contractMetadata } from '../formats/onnx-contract.js';
import { networkMetadata } from '../formats/onnx-network.js';
import type { BatchNormFold } from '../graph/fold-batch-norm.js';
import { eightBitWeights } from '../graph/eight-bit-weights.js';
import { foldingBatchNorm } from '../graph/fold-batch-norm.js';
import type { Value } from '../graph/graph.js';
import { concatenate } from '../graph/operators/index.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import type { BuiltNetwork, TrainedNetwork } from '../nn/network.js';
import { buildNetwork, networkOutputs, yearLogits } from '../nn/network.js';

export interface InferenceModelOptions extends TrainedNetwork {
  /**
   * `logits` leaves out calibration and softmax, and names the output so; of a network that tells single years, theirs follow
   * those of the classes. Default: `probabilities`.
   */
  readonly output?: 'probabilities' | 'logits';
  /** Whether weights are kept as 8 bits each, as `eightBitWeights` says. Default: no. */
  readonly eightBits?: boolean;
}

/**
 * An ONNX model for inference: `images` [N, 3, H, W] (RGB, 0..1, whole pictures squashed to a square, or aligned faces) in,
 * `probabilities` [N, classes] out, N free; of a network that tells ages by single years also `years` [N, years], the
 * probability of each. Batch normalisation is folded into the convolutions, and the calibration is part
 * of the graph. The file's metadata say what a program must know to feed it, and what `readOnnxNetwork` must know to make
 * the network again.
 * @throws {ShapeError} when weights are missing or misshapen
 */
export function inferenceModel(options: InferenceModelOptions): Uint8Array {
  const { network, weights, imageSize, classes, calibration, alignment, output = 'probabilities', eightBits = false } = options;
  const built = buildNetwork(network, { batch: 1, imageSize, classes: classes.length, training: false, weights });
  const outputs = output === 'logits' ? { logits: allLogits(built) } : networkOutputs(built, calibration);
  for (const [name, value] of Object.entries(outputs)) built.graph.output(name, value);
  const folds: BatchNormFold[] = [];
  const { graph } = rewrite(built.graph, [poolBeforeRelu, foldingBatchNorm((fold) => folds.push(fold))]);
  const layers = built.layers.map(({ layer }) => layer.description);
  return serialise(eightBits ? rewrite(graph, [eightBitWeights]).graph : graph, {
    batchAxis: 'N',
    metadata: {
      'ageband.model': network.name,
      ...contractMetadata({ classes, imageSize, ...(alignment && { alignment }) }),
      ...calibrationMetadata(calibration),
      ...networkMetadata(layers, graph, folds),
    },
  });
}

function allLogits(built: BuiltNetwork): Value {
  const years = yearLogits(built);
  return years === undefined ? built.logits : concatenate([built.logits, years], 1);
}
