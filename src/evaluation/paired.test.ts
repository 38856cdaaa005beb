import { describe, expect, it } from 'vitest';
import { pairedDifferences } from './paired.js';

/** Probabilities of two classes, sure of the given ones. */
function sureOf(...predicted: number[]): Float32Array {
  return Float32Array.from(predicted.flatMap((label) => (label === 0 ? [0.75, 0.25] : [0.25, 0.75])));
}

const each = (count: number): number[][] => Array.from({ length: count }, (_, index) => [index]);

describe('pairedDifferences', () => {
  it('of a classifier and itself are none, with nothing to speak for one', () => {
    const labels = Int32Array.of(0, 1, 0, 1, 1);
    const first = sureOf(0, 1, 1, 0, 1);
    const differences = pairedDifferences(first, first, labels, each(5), 200)!;
    for (const { difference, interval, p } of Object.values(differences)) {
      expect({ difference, interval, p }).toEqual({ difference: 0, interval: { low: 0, high: 0 }, p: 1 });
    }
  });

  it('of two that differ everywhere are certain, and the p value is the least possible', () => {
    const labels = Int32Array.of(0, 0, 0, 0);
    const { accuracy, meanClassError, loss } = pairedDifferences(sureOf(1, 1, 1, 1), sureOf(0, 0, 0, 0), labels, each(4), 99)!;
    expect(accuracy).toEqual({ difference: 1, interval: { low: 1, high: 1 }, p: 2 / 100 });
    expect(meanClassError).toEqual({ difference: -1, interval: { low: -1, high: -1 }, p: 2 / 100 });
    expect(loss.difference).toBeCloseTo(Math.log(0.25 / 0.75), 6);
  });

  it('are drawn by subject: two subjects, one better and one as good, give the draws 0, 1/2 and 1', () => {
    // Of two draws out of two subjects, none is the better one in a quarter, and then the difference is 0.
    const labels = Int32Array.of(0, 0, 0, 0);
    const groups = [[0, 1], [2, 3]];
    const { accuracy } = pairedDifferences(sureOf(1, 1, 0, 0), sureOf(0, 0, 0, 0), labels, groups)!;
    expect(accuracy.difference).toBe(0.5);
    expect(accuracy.interval).toEqual({ low: 0, high: 1 });
    expect(Math.abs(accuracy.p - 2 / 4)).toBeLessThan(0.02);
  });

  it('are narrow where both classifiers err on the same pictures, however hard these are', () => {
    const labels = new Int32Array(100);
    const first = sureOf(...Array.from({ length: 100 }, (_, index) => (index < 50 ? 1 : 0)));
    const second = sureOf(...Array.from({ length: 100 }, (_, index) => (index < 49 ? 1 : 0)));
    const { accuracy } = pairedDifferences(first, second, labels, each(100))!;
    // One picture of 100 differs: it is drawn 0 times with a probability of 0.99^100 = 0.366, so 0 is in the interval.
    expect(accuracy.difference).toBeCloseTo(0.01, 10);
    expect(accuracy.interval.low).toBe(0);
    expect(accuracy.interval.high).toBeLessThan(0.04);
    expect(Math.abs(accuracy.p - 2 * 0.99 ** 100)).toBeLessThan(0.03);
  });

  it('change their sign when the classifiers change places', () => {
    const labels = Int32Array.of(0, 1, 0, 1, 1, 0);
    const [first, second] = [sureOf(0, 1, 1, 0, 1, 1), sureOf(0, 0, 0, 1, 1, 0)];
    const there = pairedDifferences(first, second, labels, each(6), 500)!.accuracy;
    const back = pairedDifferences(second, first, labels, each(6), 500)!.accuracy;
    expect(back.difference).toBeCloseTo(-there.difference, 12);
    expect(back.interval.low).toBeCloseTo(-there.interval.high, 12);
    expect(back.p).toBe(there.p);
  });

  it('are not given for one subject alone', () => {
    expect(pairedDifferences(sureOf(0, 1), sureOf(1, 1), Int32Array.of(0, 1), [[0, 1]])).toBeUndefined();
  });
});
