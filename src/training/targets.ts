import { countsForBands, spansOfClasses } from '../data/bands.js';
import type { Sample } from '../data/sample.js';

/**
 * Labels as target probabilities.
 * @param labels class of each picture, [N]
 * @param smoothing share of each label that is spread evenly over all classes (Szegedy et al. 2016)
 * @returns [N, classes], each row summing to 1
 */
export function targetsOf(labels: Int32Array, classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, row) => (targets[row * classes + label]! += 1 - smoothing));
  return targets;
}

/**
 * Ages as distributions over single years: normal ones around the true age.
 * @param ages [N]; NaN where unknown, whose row is flat
 * @param spread standard deviation, in years
 * @returns [N, years], each row summing to 1
 */
export function yearTargetsOf(ages: Float32Array, years: number, spread: number): Float32Array {
  const targets = new Float32Array(ages.length * years);
  ages.forEach((age, row) => {
    const own = targets.subarray(row * years, (row + 1) * years);
    const centre = Math.min(age, years - 1);
    own.forEach((_, year) => (own[year] = Number.isNaN(age) ? 1 : Math.exp(-(((year - centre) / spread) ** 2) / 2)));
    const total = own.reduce((sum, value) => sum + value, 0);
    own.forEach((value, year) => (own[year] = value / total));
  });
  return targets;
}

/** Weight of each class: all 1, or inversely proportional to its frequency with mean 1 over the pictures. */
export function classWeightsOf(labels: readonly number[], classes: number, kind: 'none' | 'balanced'): Float32Array {
  const weights = new Float32Array(classes).fill(1);
  if (kind === 'none') return weights;
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  const present = counts.filter((count) => count > 0).length;
  return weights.map((_, label) => (counts[label] ? labels.length / (present * counts[label]) : 0));
}

/** What the pictures of a split say beside their labels, [pictures]. */
export interface KnownAges {
  /** In years; NaN where unknown. */
  readonly ages: Float32Array;
  /** Whether a picture counts for the figures of bands, 1 or 0; see `countsForBands`. */
  readonly inBand: Uint8Array;
}

export function knownAges(samples: readonly Pick<Sample, 'age'>[], classes: readonly string[]): KnownAges {
  const bands = spansOfClasses(classes);
  return {
    ages: Float32Array.from(samples, ({ age = NaN }) => age),
    inBand: Uint8Array.from(samples, ({ age }) => (countsForBands(age, bands) ? 1 : 0)),
  };
}

/** Of some of the pictures, in their order. */
export function agesOf({ ages, inBand }: KnownAges, samples: Int32Array): KnownAges {
  return {
    ages: Float32Array.from(samples, (sample) => ages[sample]!),
    inBand: Uint8Array.from(samples, (sample) => inBand[sample]!),
  };
}

/** Sums over the pictures of an epoch. */
export interface Score {
  /** Of losses. */
  loss: number;
  /** Pictures that count for the figures of bands, and those of them whose band is the likeliest. */
  counted: number;
  correct: number;
  seen: number;
}

export function emptyScore(): Score {
  return { loss: 0, counted: 0, correct: 0, seen: 0 };
}

/** Share of the right answers, 0 where no picture counts. */
export function accuracyOf({ correct, counted }: Score): number {
  return counted === 0 ? 0 : correct / counted;
}

/** Adds what a network says of pictures to a score, but for the loss. @param logits [N, classes] @param labels [N] @param inBand [N] */
export function addAnswers(score: Score, logits: Float32Array, labels: Int32Array, inBand: Uint8Array): void {
  rowsOf(logits, labels.length).forEach((values, row) => {
    score.seen++;
    if (inBand[row] === 0) return;
    score.counted++;
    if (values[labels[row]!] === largestOf(values)) score.correct++;
  });
}

/** The cross-entropy of each picture, in nats, [N]. @param logits [N, classes] @param labels [N] */
export function crossEntropies(logits: Float32Array, labels: Int32Array): number[] {
  return rowsOf(logits, labels.length).map((values, row) => {
    const largest = largestOf(values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    return largest + Math.log(total) - values[labels[row]!]!;
  });
}

function rowsOf(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, row) => values.subarray(row * length, (row + 1) * length));
}

function largestOf(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b));
}
