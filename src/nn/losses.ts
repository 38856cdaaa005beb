import type { Value } from '../graph/graph.js';
import { floatTensor } from '../base/tensor.js';
import {
  absolute,
  add,
  logSoftmax,
  multiply,
  negate,
  reduceMean,
  reduceSum,
  softmax,
  subtract,
} from '../graph/operators/index.js';

/**
 * Categorical cross-entropy between logits and target probabilities, weighted and averaged over the batch.
 * @param logits [N, classes]
 * @param targets [N, classes], each row summing to 1 (one-hot, smoothed or mixed)
 * @param weights [N], one per picture; the sum is divided by N whatever the weights, as Keras does
 * @returns a scalar, in nats
 */
export function crossEntropy(logits: Value, targets: Value, weights: Value): Value {
  const perPicture = negate(reduceSum(multiply(targets, logSoftmax(logits)), { axes: [1] }));
  return reduceMean(multiply(perPicture, weights));
}

/** Weight of a year of error beside the cross-entropy, so that both are of about the same size. */
const WEIGHT_OF_A_YEAR = 0.1;

/** What is known of the ages of a batch, as inputs of a graph. */
export interface AgeTargets {
  /** [N, years], each row summing to 1: a distribution around the true age */
  readonly distributions: Value;
  /** [N], in years */
  readonly ages: Value;
  /** [N], one per picture */
  readonly weights: Value;
}

/**
 * Loss of ages that are told as a distribution over single years: the cross-entropy with a distribution around the true
 * age, and a tenth of the distance in years between its mean and the true age (Gao et al., "Age estimation using
 * expectation of label distribution learning", IJCAI 2018), weighted and averaged over the batch.
 * @param logits [N, years]; year k is the age of k years
 * @returns a scalar
 */
export function ageLoss(logits: Value, { distributions, ages, weights }: AgeTargets): Value {
  const years = logits.shape[1]!;
  const scale = logits.graph.constant(floatTensor(Float32Array.from({ length: years }, (_, year) => year), [years]));
  const expected = reduceSum(multiply(softmax(logits), scale), { axes: [1] });
  const distance = reduceMean(multiply(absolute(subtract(expected, ages)), weights));
  return add(crossEntropy(logits, distributions, weights), multiply(distance, WEIGHT_OF_A_YEAR));
}
