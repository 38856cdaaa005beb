import { describe, expect, it } from 'vitest';
import { scoresOf } from '../bench/peers/scores.js';
import type { Judged } from '../bench/peers/scores.js';

const judged = (age: number, band: number | undefined, estimate?: [age: number, band: number]): Judged => ({
  ...{ age, band },
  estimate: estimate && { age: estimate[0], band: estimate[1] },
});

describe('the scores of the comparison with other libraries', () => {
  it('count a face that is not found as wrong, and an age between two bands for the error alone', () => {
    const pictures = [
      judged(30, 4, [27, 4]),
      judged(30, 4, [39, 5]),
      judged(30, 4, [65, 7]),
      judged(1, 0, [2, 0]),
      judged(1, 0),
      judged(34, undefined, [36, 5]),
    ];
    const { scores, intervals } = scoresOf(pictures, pictures.map((_, index) => [index]));
    expect(scores.found).toBeCloseTo(5 / 6, 12);
    expect(scores.error).toBeCloseTo((3 + 9 + 35 + 1 + 2) / 5, 12);
    expect(scores.exact).toBeCloseTo(2 / 5, 12);
    expect(scores.oneOff).toBeCloseTo(3 / 5, 12);
    expect(scores.balanced).toBeCloseTo((1 / 3 + 1 / 2) / 2, 12);
    expect(intervals).toBeUndefined();
  });

  it('draw whole groups for the intervals', () => {
    // Of 40 pictures in 20 groups half are right. Their deviation is √(0.25 / 20) = 0.112 with two alike in each group.
    const pictures = Array.from({ length: 40 }, (_, index) => judged(30, 4, index < 20 ? [30, 4] : [50, 6]));
    const { intervals } = scoresOf(pictures, Array.from({ length: 20 }, (_, group) => [2 * group, 2 * group + 1]));
    const { low, high } = intervals!.exact;
    expect((low + high) / 2).toBeCloseTo(0.5, 1);
    expect((high - low) / (2 * 1.96)).toBeGreaterThan(0.09);
    expect((high - low) / (2 * 1.96)).toBeLessThan(0.135);
    expect(intervals!.found).toEqual({ low: 1, high: 1 });
  });
});
