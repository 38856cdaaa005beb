import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from './intervals.js';
import { computeMetrics } from './metrics.js';

/** Pictures of which the first `right` are taken for their class 0, the others for class 1. */
function pictures(right: number, count: number) {
  const probabilities = Float32Array.from({ length: 2 * count }, (_, index) => (index % 2 === Number(index >= 2 * right) ? 0.75 : 0.25));
  return { probabilities, labels: new Int32Array(count) };
}

const alone = (count: number): number[][] => Array.from({ length: count }, (_, index) => [index]);

describe('bootstrapIntervals', () => {
  it('comes near to the interval of the binomial distribution for pictures that stand alone', () => {
    const { probabilities, labels } = pictures(320, 400);
    const { accuracy } = bootstrapIntervals(probabilities, labels, alone(400))!;
    const half = 1.96 * Math.sqrt((0.8 * 0.2) / 400);
    expect(accuracy.low).toBeCloseTo(0.8 - half, 2);
    expect(accuracy.high).toBeCloseTo(0.8 + half, 2);
  });

  it('is wider when pictures of a subject share their fate', () => {
    const { probabilities, labels } = pictures(320, 400);
    // 40 subjects with 10 pictures each, all right or all wrong: as if there were 40 pictures.
    const groups = Array.from({ length: 40 }, (_, group) => Array.from({ length: 10 }, (_, index) => 10 * group + index));
    const { accuracy } = bootstrapIntervals(probabilities, labels, groups)!;
    const half = 1.96 * Math.sqrt((0.8 * 0.2) / 40);
    expect(accuracy.high - accuracy.low).toBeGreaterThan(0.85 * 2 * half);
    expect(accuracy.high - accuracy.low).toBeLessThan(1.15 * 2 * half);
  });

  it('lies around every figure', () => {
    const count = 90;
    const values = Array.from({ length: count }, (_, index) => {
      const row = [1, 1, 1].map((_, label) => 1 + ((index * 7 + label * 5) % 11));
      const sum = row.reduce((a, b) => a + b, 0);
      return row.map((value) => value / sum);
    });
    const probabilities = Float32Array.from(values.flat());
    const labels = Int32Array.from({ length: count }, (_, index) => index % 3);
    const metrics = computeMetrics(probabilities, labels, ['a', 'b', 'c']);
    const intervals = bootstrapIntervals(probabilities, labels, alone(count))!;
    const names = ['loss', 'accuracy', 'oneOff', 'balancedAccuracy', 'meanClassError'] as const;
    expect(Object.keys(intervals)).toEqual(names);
    for (const name of names) {
      expect(intervals[name].low, name).toBeLessThan(metrics[name]);
      expect(intervals[name].high, name).toBeGreaterThan(metrics[name]);
    }
    expect(bootstrapIntervals(probabilities, labels, alone(count))).toEqual(intervals);
  });

  it('takes the mean recall over the classes that were drawn', () => {
    const { probabilities, labels } = pictures(3, 3);
    labels[2] = 1;
    const { balancedAccuracy } = bootstrapIntervals(probabilities, labels, alone(3))!;
    expect(balancedAccuracy).toEqual({ low: 0, high: 1 });
  });

  it('says nothing about one subject', () => {
    const { probabilities, labels } = pictures(2, 3);
    expect(bootstrapIntervals(probabilities, labels, [[0, 1, 2]])).toBeUndefined();
  });
});
