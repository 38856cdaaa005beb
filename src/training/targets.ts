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

/** Sums over pictures that were classified. */
export interface Score {
  /** Of cross-entropies, in nats. */
  loss: number;
  correct: number;
  seen: number;
}

/** Adds pictures to a score. @param logits [N, classes] @param labels [N] */
export function addToScore(score: Score, logits: Float32Array, labels: Int32Array): void {
  const classes = logits.length / labels.length;
  labels.forEach((label, row) => {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const largest = values.reduce((a, b) => Math.max(a, b));
    const total = values.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    score.loss += largest + Math.log(total) - values[label]!;
    if (values[label] === largest) score.correct++;
    score.seen++;
  });
}
