/**
 * Maps of where a network finds what speaks for a class, as parts of a graph. Shapes: N pictures, K channels, h × w
 * cells. All are linear in the activations, so that what is large in a map is where the network's own features are.
 */
import type { Value } from '../graph/graph.js';
import { add, divide, multiply, reduceMean, reduceSum, relu, reshape } from '../graph/operators/index.js';

const CELLS = [2, 3];

/**
 * Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV
 * 2017, equations 1 and 2): every channel is weighted with the mean of its gradient, and of the sum only what speaks
 * for the class is kept.
 * @param activations [N, K, h, w]
 * @param gradient of the class's score with respect to them, [N, K, h, w]
 * @returns [N, h, w], at least 0
 */
export function gradCam(activations: Value, gradient: Value): Value {
  return relu(weightedSum(activations, reduceMean(gradient, { axes: CELLS })));
}

/**
 * Grad-CAM++ (Chattopadhay et al., "Grad-CAM++: Generalized Gradient-based Visual Explanations for Deep Convolutional
 * Networks", WACV 2018, equations 7 and 19). A channel's weight is the sum of its positive gradients, each divided by
 * 2 + gradient · sum of the channel's activations: the paper's g² / (2g² + g³ · ΣA) with g² cut. The paper explains
 * exp(score), whose gradient is exp(score) times that of the score; that factor is the same for all cells of a map, can
 * be too large for a float, and is left out.
 * @param activations [N, K, h, w], at least 0, as after a ReLU: the divisors are then 2 or more
 * @param gradient of the class's score with respect to them, [N, K, h, w]
 * @returns [N, h, w], at least 0
 */
export function gradCamPlusPlus(activations: Value, gradient: Value): Value {
  const sums = reduceSum(activations, { axes: CELLS, keepAxes: true });
  const shares = divide(relu(gradient), add(multiply(relu(gradient), sums), 2));
  return relu(weightedSum(activations, reduceSum(shares, { axes: CELLS })));
}

/**
 * HiResCAM (Draelos & Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks",
 * 2020): the gradient is not averaged over the cells, so each cell tells how much it adds to the score itself. Where one dense layer
 * follows on the activations, the map sums to the score, less the bias and what speaks against the class.
 * @param activations [N, K, h, w]
 * @param gradient of the class's score with respect to them, [N, K, h, w]
 * @returns [N, h, w], at least 0
 */
export function hiresCam(activations: Value, gradient: Value): Value {
  return relu(reduceSum(multiply(activations, gradient), { axes: [1] }));
}

/**
 * Class activation map (Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016, equation 2),
 * of a network that ends in the means of its channels and one dense layer.
 * @param activations [N, K, h, w], of which the means are taken
 * @param channelWeights the dense layer's weights of each picture's class, [N, K]
 * @returns [N, h, w]; what speaks against the class is below 0. Their mean, and the bias, is the class's score.
 */
export function classActivationMap(activations: Value, channelWeights: Value): Value {
  return weightedSum(activations, channelWeights);
}

/** The sum of the channels, each times its weight: [N, K, h, w] and [N, K] → [N, h, w]. */
function weightedSum(activations: Value, weights: Value): Value {
  const perChannel = reshape(weights, [...activations.shape.slice(0, 2), 1, 1]);
  return reduceSum(multiply(activations, perChannel), { axes: [1] });
}
