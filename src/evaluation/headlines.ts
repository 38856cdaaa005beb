import { likeliest } from '../base/likeliest.js';

/** The figures that sum a classifier of ordered classes up, and the sums over pictures that they follow from. */

/** The least probability that the loss takes for the true class: Keras's epsilon, so that one miss is not infinite. */
const LEAST_PROBABILITY = 1e-7;

export interface Headlines {
  /** Mean cross-entropy in nats, probabilities below 1e-7 taken as 1e-7. */
  loss: number;
  /** Share of the pictures whose likeliest class is right. */
  accuracy: number;
  /** Share of the pictures whose likeliest class is the right one or a neighbour of it. */
  oneOff: number;
  /** Mean recall of the classes that occur, which no class dominates by its frequency. */
  balancedAccuracy: number;
  /** Mean distance between the likeliest class and the right one, in classes. */
  meanClassError: number;
}

/** Where a tally holds what; after these come the pictures of each class, and then those of them that are right. */
const [PICTURES, LOSS, EXACT, ONE_OFF, DISTANCE, SUPPORT] = [0, 1, 2, 3, 4, 5] as const;

/**
 * Sums over some pictures. Those of several sets of pictures can be added value by value.
 * @param probabilities [N, classes], row-major
 * @param labels [N], indices of the true classes
 * @param members indices of the pictures
 * @returns [5 + 2 · classes]
 */
export function tally(
  probabilities: Float32Array,
  labels: Int32Array,
  members: Iterable<number>,
  classes: number,
): Float64Array {
  const sums = new Float64Array(SUPPORT + 2 * classes);
  for (const picture of members) {
    const row = probabilities.subarray(picture * classes, (picture + 1) * classes);
    const label = labels[picture]!;
    const distance = Math.abs(likeliest(row) - label);
    sums[PICTURES]! += 1;
    sums[LOSS]! -= Math.log(Math.max(row[label]!, LEAST_PROBABILITY));
    sums[EXACT]! += distance === 0 ? 1 : 0;
    sums[ONE_OFF]! += distance <= 1 ? 1 : 0;
    sums[DISTANCE]! += distance;
    sums[SUPPORT + label]! += 1;
    sums[SUPPORT + classes + label]! += distance === 0 ? 1 : 0;
  }
  return sums;
}

/** @param sums of {@link tally}, over one picture or more */
export function headlinesOf(sums: Float64Array): Headlines {
  const classes = (sums.length - SUPPORT) / 2;
  const pictures = sums[PICTURES]!;
  let recalls = 0;
  let occurring = 0;
  for (let label = 0; label < classes; label++) {
    const support = sums[SUPPORT + label]!;
    if (support === 0) continue;
    occurring += 1;
    recalls += sums[SUPPORT + classes + label]! / support;
  }
  return {
    loss: sums[LOSS]! / pictures,
    accuracy: sums[EXACT]! / pictures,
    oneOff: sums[ONE_OFF]! / pictures,
    balancedAccuracy: recalls / occurring,
    meanClassError: sums[DISTANCE]! / pictures,
  };
}
