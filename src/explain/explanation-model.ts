import { gradients } from '../autodiff/gradients.js';
import { ConfigError } from '../base/errors.js';
import type { Capabilities } from '../graph/capabilities.js';
import { COMMON_CAPABILITIES } from '../graph/capabilities.js';
import type { Value } from '../graph/graph.js';
import { lowered } from '../graph/lowering.js';
import { multiply, reduceSum, reshape } from '../graph/operators/index.js';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import type { BuiltNetwork, TrainedNetwork } from '../nn/network.js';
import { buildNetwork, networkOutputs } from '../nn/network.js';
import type { MapMethod } from './map-methods.js';
import { classActivationMap, gradCam, gradCamPlusPlus, hiresCam } from './class-maps.js';
import { DEFAULT_METHOD } from './map-methods.js';
import type { ExplanationDescription } from './description.js';
import { metadataOf } from './description.js';

/** Maps do not depend on the calibration. */
export interface ExplanationModelOptions extends TrainedNetwork {
  /** Default: `hires-cam`. */
  readonly method?: MapMethod;
  /**
   * Name of the convolution or residual block whose activations are looked at. Default: the last whose map has 5 × 5 cells or more,
   * since fewer hardly tell where; the last of all where there is none.
   */
  readonly layer?: string;
  /** Pictures that pass through together. Default: 1. */
  readonly batch?: number;
  /** Of what will compute the model; by default what every execution provider of ONNX Runtime has, in pages too. */
  readonly capabilities?: Capabilities;
}

export interface ExplanationModel {
  /** An ONNX file. */
  readonly bytes: Uint8Array;
  readonly description: ExplanationDescription;
}

/**
 * An ONNX model that tells where in pictures a network finds what speaks for a class: `images` [N, 3, H, W] (RGB, 0..1,
 * whole picture squashed to a square, or aligned face) and `class_weights` [N, classes] (1 for the class of the question and else 0) in,
 * `probabilities` [N, classes] and `maps` [N, h, w] out. N is fixed, for the backward pass mentions it.
 *
 * The network is in evaluation mode: no dropout, moving statistics. The score of a class is its logit, before softmax,
 * as in the papers: a probability also rises when another class loses. The activations are the output of the
 * convolution's layer, after its ReLU and before pooling and normalisation, as in the published programs (relu5_3 of
 * VGG-16 for Grad-CAM).
 * @throws {ConfigError} when there is no such convolution, or the network does not end as `cam` needs it
 * @throws {ShapeError} when weights are missing or misshapen
 */
export function explanationModel(options: ExplanationModelOptions): ExplanationModel {
  const { network, weights, imageSize, classes, calibration, alignment } = options;
  const { method = DEFAULT_METHOD, layer, batch = 1, capabilities = COMMON_CAPABILITIES } = options;
  const built = buildNetwork(network, { batch, imageSize, classes: classes.length, training: false, weights });
  const { graph, logits } = built;
  const classWeights = graph.input('class_weights', 'float32', [batch, classes.length]);
  const score = reduceSum(multiply(logits, classWeights));
  const target = method === 'cam' ? pooledMaps(built, layer) : convolutionMaps(built, layer);
  const maps = graph.scope(method, () => mapsOf(method, target, score, capabilities));
  graph.output('probabilities', networkOutputs(built, calibration).probabilities);
  graph.output('maps', maps);
  const description: ExplanationDescription = {
    ...{ method, classes, imageSize, layer: target.layer },
    ...{ height: maps.shape[1]!, width: maps.shape[2]!, ...(alignment && { alignment }) },
  };
  // The rules leave alone what is used twice, as the activations are.
  const { graph: lean } = rewrite(graph, [poolBeforeRelu, foldBatchNorm]);
  const ready = lowered(lean, capabilities);
  return { bytes: serialise(ready, { metadata: { 'ageband.model': network.name, ...metadataOf(description) } }), description };
}

/** Of a map's height and width. */
const FEWEST_CELLS = 5;

/** The activations that a map is made of. */
interface Target {
  readonly layer: string;
  /** [N, K, h, w] */
  readonly activations: Value;
  /** Their means, where the network takes them: [N, K, 1, 1]. */
  readonly means?: Value;
}

function mapsOf(method: MapMethod, { activations, means }: Target, score: Value, capabilities: Capabilities): Value {
  const [gradient] = gradients(score, [means ?? activations], { capabilities }) as [Value];
  switch (method) {
    case 'grad-cam':
      return gradCam(activations, gradient);
    case 'grad-cam++':
      return gradCamPlusPlus(activations, gradient);
    case 'hires-cam':
      return hiresCam(activations, gradient);
    case 'cam':
      // The score is linear in the means, so its gradient is the dense layer's weights.
      return classActivationMap(activations, reshape(gradient, activations.shape.slice(0, 2)));
  }
}

function convolutionMaps(built: BuiltNetwork, wanted: string | undefined): Target {
  const convolutions = built.layers.filter(({ layer }) => ['Conv2D', 'Residual'].includes(layer.kind));
  const names = convolutions.map(({ layer }) => layer.name);
  const found =
    wanted === undefined
      ? (convolutions.findLast(({ output }) => Math.min(...output.shape.slice(2)) >= FEWEST_CELLS) ?? convolutions.at(-1))
      : convolutions.find(({ layer }) => layer.name === wanted);
  if (!found) {
    throw new ConfigError(
      wanted === undefined ? 'the network has no convolution' : `the network has no convolution named "${wanted}"`,
      { hint: names.length > 0 ? `Its convolutions are: ${names.join(', ')}.` : 'Maps are made of convolutions alone.' },
    );
  }
  return { layer: found.layer.name, activations: found.output };
}

/** The maps of which the network takes the means before its one dense layer. */
function pooledMaps(built: BuiltNetwork, wanted: string | undefined): Target {
  const dense = built.logits.producer;
  let means = dense?.operator === 'Gemm' ? dense.inputs[0] : undefined;
  while (means && ['Reshape', 'Flatten'].includes(means.producer?.operator ?? '')) means = means.producer!.inputs[0];
  const activations = means?.producer?.operator === 'GlobalAveragePool' ? means.producer.inputs[0] : undefined;
  const layer = built.layers.find(({ output }) => output === activations)?.layer.name;
  if (!means || !activations || layer === undefined) {
    const kinds = built.layers.map((entry) => entry.layer.kind).slice(-3).join(', ');
    throw new ConfigError(
      `a class activation map needs a network that ends in global average pooling and one dense layer; this one ends in ${kinds}`,
      { hint: 'Use the method grad-cam, which any network with a convolution allows.' },
    );
  }
  if (wanted !== undefined && wanted !== layer) {
    throw new ConfigError(`a class activation map is made of the layer before the pooling, "${layer}", not of "${wanted}"`, {
      hint: 'Leave the layer out, or use the method grad-cam.',
    });
  }
  return { layer, activations, means };
}
