/** Temperature scaling (Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2). */
/** Temperatures stay within; a network that is right about every picture would have 0. */
export const TEMPERATURES = { lowest: 0.05, highest: 20 } as const;

/** Newton's steps double the digits that are right; bisection alone gets as far in this many. */
const MOST_STEPS = 60;
const PRECISION = 1e-10;

/**
 * The temperature with which probabilities softmax(logits / T) have the least cross-entropy. As a function of 1/T it is
 * convex, so Newton's method finds it, kept within a bracket that shrinks around the root of the derivative.
 * @param logits [N, classes], row-major; N at least 1
 * @param labels [N], indices of the true classes
 * @returns a number within {@link TEMPERATURES}, at a bound when the optimum lies beyond; 1 when no temperature matters
 */
export function fitTemperature(logits: Float32Array, labels: Int32Array): number {
  let [low, high] = [1 / TEMPERATURES.highest, 1 / TEMPERATURES.lowest];
  const [atLow, atHigh] = [slopeAt(logits, labels, low).slope, slopeAt(logits, labels, high).slope];
  if (atLow === 0 && atHigh === 0) return 1;
  if (atLow >= 0) return TEMPERATURES.highest;
  if (atHigh <= 0) return TEMPERATURES.lowest;
  let inverse = 1;
  for (let step = 0; step < MOST_STEPS && high - low > PRECISION; step++) {
    const { slope, curvature } = slopeAt(logits, labels, inverse);
    if (slope === 0) break;
    if (slope < 0) low = inverse;
    else high = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - inverse) < PRECISION * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

/** First and second derivative of the summed cross-entropy by 1/T: sums of the logits' means less the true ones, and of their variances. */
function slopeAt(logits: Float32Array, labels: Int32Array, inverse: number): { slope: number; curvature: number } {
  const classes = logits.length / labels.length;
  let [slope, curvature] = [0, 0];
  labels.forEach((label, picture) => {
    const row = logits.subarray(picture * classes, (picture + 1) * classes);
    // Counted from the true logit, which changes neither derivative and keeps a sure and right row from cancelling out.
    const centre = row[label]!;
    const top = Math.max(...row);
    let [sum, first, second] = [0, 0, 0];
    for (const logit of row) {
      const weight = Math.exp((logit - top) * inverse);
      sum += weight;
      first += weight * (logit - centre);
      second += weight * (logit - centre) ** 2;
    }
    slope += first / sum;
    curvature += second / sum - (first / sum) ** 2;
  });
  return { slope, curvature };
}

/**
 * Probabilities from logits.
 * @param logits [N, classes], row-major
 * @returns softmax(logits / temperature), [N, classes]; NaN in each row that holds a NaN
 */
export function probabilitiesOf(logits: Float32Array, classes: number, temperature = 1): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const top = Math.max(...row);
    const weights = Array.from(row, (logit) => Math.exp((logit - top) / temperature));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, index) => (probabilities[start + index] = weight / sum));
  }
  return probabilities;
}
