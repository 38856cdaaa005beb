import { floatAttribute } from '../../graph/application.js';
import type { Value } from '../../graph/graph.js';
import {
  add,
  divide,
  localResponseScale,
  multiply,
  power,
  reduceSum,
  reshape,
  softmax,
  squareRoot,
  subtract,
  sumOfNeighbours,
} from '../../graph/operators/index.js';
import type { GradientRule } from '../rule.js';
import { inputOf } from '../rule.js';

/**
 * With p = softmax(x) and dp: dx = p · (dp − Σ p·dp). With l = log-softmax(x): dx = dl − p · Σ dl.
 */
const softmaxGradient: GradientRule = (node, dy) => {
  const y = node.outputs[0]!;
  const total = reduceSum(multiply(dy, y), { axes: [-1], keepAxes: true });
  return [multiply(y, subtract(dy, total))];
};

const logSoftmaxGradient: GradientRule = (node, dy) => {
  const total = reduceSum(dy, { axes: [-1], keepAxes: true });
  return [subtract(dy, multiply(softmax(inputOf(node, 0)), total))];
};

/** Batch normalisation with given statistics is an affine map of each channel. */
const batchNormGradient: GradientRule = (node, dy, wanted) => {
  const [x, gamma, , mean, variance] = node.inputs as readonly [Value, Value, Value, Value, Value];
  const channels = x.shape[1]!;
  const perChannel = [1, channels, ...x.shape.slice(2).map(() => 1)];
  const otherAxes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const deviation = squareRoot(add(variance, floatAttribute(node.attributes, 'epsilon', 1e-5)));
  const sumOf = (value: Value) => reduceSum(value, { axes: otherAxes });
  const centred = () => subtract(x, reshape(mean, perChannel));
  const scale = () => divide(gamma, deviation);
  const byGamma = () => divide(sumOf(multiply(dy, centred())), deviation);
  return [
    wanted[0] ? multiply(dy, reshape(scale(), perChannel)) : undefined,
    wanted[1] ? byGamma() : undefined,
    wanted[2] ? sumOf(dy) : undefined,
    wanted[3] ? multiply(sumOf(dy), multiply(scale(), -1)) : undefined,
    wanted[4] ? divide(multiply(byGamma(), multiply(gamma, -0.5)), power(deviation, 2)) : undefined,
  ];
};

/**
 * y = x · s^−β with s = bias + α/n · Σ x² over the neighbours, so that
 * dx = dy · s^−β − 2αβ/n · x · Σ (dy · y / s) over the neighbours.
 */
const localResponseNormGradient: GradientRule = (node, dy) => {
  const x = inputOf(node, 0);
  const y = node.outputs[0]!;
  const size = node.attributes['size'] as number;
  const alpha = floatAttribute(node.attributes, 'alpha', 1e-4);
  const beta = floatAttribute(node.attributes, 'beta', 0.75);
  const reach = (size - 1) / 2;
  const scale = localResponseScale(x, node.attributes);
  const direct = multiply(dy, power(scale, -beta));
  const indirect = sumOfNeighbours(divide(multiply(dy, y), scale), reach);
  return [subtract(direct, multiply(x, multiply(indirect, (2 * alpha * beta) / size)))];
};

export const normalisationGradients: Readonly<Record<string, GradientRule>> = {
  Softmax: softmaxGradient,
  LogSoftmax: logSoftmaxGradient,
  BatchNormalization: batchNormGradient,
  LRN: localResponseNormGradient,
};
