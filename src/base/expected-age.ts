/** What a class stands for in years. */
export interface AgeSpan {
  /** First and last age, both included; `to` is null where there is no last one. */
  readonly from: number;
  readonly to: number | null;
  /** The age that stands for the class in means. */
  readonly middle: number;
}

/** An age in years, estimated from the probabilities of bands. */
export interface AgeEstimate {
  /** The mean of the bands' middles, weighted by their probabilities. */
  readonly expected: number;
  /** First and last age of the bands that hold the middle 90 % of the probability; `to` is null where there is no last. */
  readonly from: number;
  readonly to: number | null;
}

/** How much of the probability may lie below and above the interval, each. */
const TAIL = 0.05;

/**
 * The expected age, as the mean error in years of an evaluation takes it, and the bands between the quantiles of 5 % and
 * 95 %.
 * @param probabilities of the bands, youngest first, summing to 1
 */
export function estimateAge(probabilities: ArrayLike<number>, spans: readonly AgeSpan[]): AgeEstimate {
  const shares = Array.from(probabilities);
  return {
    expected: spans.reduce((sum, { middle }, index) => sum + middle * shares[index]!, 0),
    from: spans[firstReaching(shares, TAIL)]!.from,
    to: spans[firstReaching(shares, 1 - TAIL)]!.to,
  };
}

/** Index of the first band with which the sum of probabilities reaches a share; the last one where rounding keeps it from that. */
function firstReaching(shares: readonly number[], share: number): number {
  let sum = 0;
  const index = shares.findIndex((value) => (sum += value) >= share);
  return index === -1 ? shares.length - 1 : index;
}
