/** What a class stands for in years. */
export interface AgeSpan {
  /** First and last age, both included; `to` is null where there is no last one. */
  readonly from: number;
  readonly to: number | null;
  /** The age that stands for the class in means. */
  readonly middle: number;
}

/** An age in years, estimated from the probabilities of bands or of single years. */
export interface AgeEstimate {
  /** The mean of the bands' middles, weighted by their probabilities, or that of the years. */
  readonly expected: number;
  /**
   * First and last age of the bands that hold the middle 90 % of the probability, `to` being null where there is no last;
   * or the years that hold the middle 80 %.
   */
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

/** How much of the probability may lie below and above the interval of years, each. */
const TAIL_OF_YEARS = 0.1;

/**
 * The mean of a distribution over single years, and its quantiles of 10 % and 90 %.
 * @param years probability of each year of age from 0 on, summing to 1
 */
export function estimateAgeOfYears(years: ArrayLike<number>): AgeEstimate {
  const shares = Array.from(years);
  return {
    expected: shares.reduce((sum, share, year) => sum + share * year, 0),
    from: firstReaching(shares, TAIL_OF_YEARS),
    to: firstReaching(shares, 1 - TAIL_OF_YEARS),
  };
}

/** Index of the first class with which the sum of probabilities reaches a share; the last one where rounding keeps it from that. */
function firstReaching(shares: readonly number[], share: number): number {
  let sum = 0;
  const index = shares.findIndex((value) => (sum += value) >= share);
  return index === -1 ? shares.length - 1 : index;
}

/** `about 28 years, likely 25 to 43` */
export function ageText({ expected, from, to }: AgeEstimate): string {
  const years = expected.toFixed(0);
  const about = `about ${years} ${years === '1' ? 'year' : 'years'}`;
  if (to === null) return from === 0 ? `${about}, but likely any age` : `${about}, likely ${from} or older`;
  return `${about}, likely ${from === to ? from : `${from} to ${to}`}`;
}
