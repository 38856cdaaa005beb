/** How well a classifier of ordered classes does, from its probabilities. */
import { likeliest } from '../base/likeliest.js';
import { DataError, EngineError, ShapeError } from '../base/errors.js';
import type { Headlines } from './headlines.js';
import { headlinesOf, tally } from './headlines.js';

/** The figures of one class; null where they are not defined. */
export interface ClassMetrics {
  name: string;
  /** Share of the pictures classified so that are so; null when there are none. */
  precision: number | null;
  /** Share of the pictures of this class that are classified so; null when there are none. */
  recall: number | null;
  /** Harmonic mean of both, 2·TP / (2·TP + FP + FN); null when the class neither occurs nor is predicted. */
  f1: number | null;
  /** Pictures of this class. */
  support: number;
}

export interface Metrics extends Headlines {
  pictures: number;
  /** The accuracy of always naming the most frequent class of these pictures. */
  majority: number;
  /** In the order of the classes. */
  perClass: ClassMetrics[];
  /** Counts, one row per true class and one column per predicted class. */
  confusion: number[][];
  /** The same as shares of the pictures of the true class; null in the row of a class without pictures. */
  confusionShares: (number | null)[][];
}

/**
 * Measures predictions.
 * @param probabilities [N, classes], row-major; of equal ones in a row the first counts as the likeliest
 * @param labels [N], indices of the true classes
 * @param classes names in their natural order, in which neighbours are one off
 * @throws {ShapeError} when the lengths do not fit together.
 * @throws {DataError} when there are no pictures, or a label is no index of a class.
 * @throws {EngineError} when a probability is NaN or infinite.
 */
export function computeMetrics(probabilities: Float32Array, labels: Int32Array, classes: readonly string[]): Metrics {
  checkInput(probabilities, labels, classes);
  const confusion = classes.map(() => classes.map(() => 0));
  labels.forEach((label, picture) => {
    const row = probabilities.subarray(picture * classes.length, (picture + 1) * classes.length);
    confusion[label]![likeliest(row)]! += 1;
  });
  const pictures = labels.length;
  const perClass = classes.map((name, index) => classMetrics(name, index, confusion));
  return {
    pictures,
    ...headlinesOf(tally(probabilities, labels, labels.keys(), classes.length)),
    majority: Math.max(...perClass.map(({ support }) => support)) / pictures,
    perClass,
    confusion,
    confusionShares: confusion.map((counts, label) => counts.map((count) => ratio(count, perClass[label]!.support))),
  };
}

function checkInput(probabilities: Float32Array, labels: Int32Array, classes: readonly string[]): void {
  if (labels.length === 0) throw new DataError('metrics: there are no pictures to measure');
  if (probabilities.length !== labels.length * classes.length) {
    const got = `${probabilities.length} probabilities for ${labels.length} labels and ${classes.length} classes`;
    throw new ShapeError(`metrics: got ${got}`);
  }
  const stranger = labels.find((label) => label < 0 || label >= classes.length);
  if (stranger !== undefined) throw new DataError(`metrics: label ${stranger} is none of ${classes.length} classes`);
  const broken = probabilities.findIndex((probability) => !Number.isFinite(probability));
  if (broken >= 0) {
    const picture = Math.floor(broken / classes.length);
    throw new EngineError(`metrics: a probability of picture ${picture} is ${probabilities[broken]!}`);
  }
}

function classMetrics(name: string, index: number, confusion: readonly (readonly number[])[]): ClassMetrics {
  const hits = confusion[index]![index]!;
  const support = confusion[index]!.reduce((sum, count) => sum + count, 0);
  const predicted = confusion.reduce((sum, row) => sum + row[index]!, 0);
  return {
    name,
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, predicted + support),
    support,
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
