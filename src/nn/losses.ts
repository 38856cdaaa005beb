import type { Value } from '../graph/graph.js';
import { logSoftmax, multiply, negate, reduceMean, reduceSum } from '../graph/operators/index.js';

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
