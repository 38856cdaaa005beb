import { describe, expect, it } from 'vitest';
import type { Score } from './targets.js';
import { addToScore, classWeightsOf, targetsOf, yearTargetsOf } from './targets.js';

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
}

describe('targetsOf', () => {
  it('makes a row per picture with a 1 for its class', () => {
    expect(targetsOf(Int32Array.of(2, 0), 3, 0)).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  });

  it('spreads a share of each label over all classes', () => {
    expectClose(targetsOf(Int32Array.of(1), 4, 0.2), [0.05, 0.85, 0.05, 0.05]);
    expectClose(targetsOf(Int32Array.of(1), 4, 1), [0.25, 0.25, 0.25, 0.25]);
  });
});

describe('classWeightsOf', () => {
  const labels = [0, 0, 0, 1, 3, 3, 3, 3];

  it('weighs all classes alike', () => {
    expect(classWeightsOf(labels, 4, 'none')).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  it('weighs by inverse frequency, with a mean of 1 over the pictures', () => {
    const weights = classWeightsOf(labels, 4, 'balanced');
    expectClose(weights, [8 / 9, 8 / 3, 0, 8 / 12]);
    const mean = labels.reduce((sum, label) => sum + weights[label]!, 0) / labels.length;
    expect(mean).toBeCloseTo(1, 6);
  });
});

describe('addToScore', () => {
  it('sums losses and counts what is right', () => {
    const score: Score = { loss: 0, correct: 0, seen: 0 };
    const logThree = Math.log(3);
    addToScore(score, Float32Array.of(0, logThree, logThree, 0), Int32Array.of(0, 0));
    expect(score.loss).toBeCloseTo(Math.log(4) - Math.log(3 / 4), 6);
    expect([score.correct, score.seen]).toEqual([1, 2]);
    addToScore(score, Float32Array.of(-1000, 1000), Int32Array.of(1));
    expect(score.loss).toBeCloseTo(Math.log(4) - Math.log(3 / 4), 6);
    expect([score.correct, score.seen]).toEqual([2, 3]);
  });

  it('stays finite for logits that are far apart, and not for those that are not finite', () => {
    const score: Score = { loss: 0, correct: 0, seen: 0 };
    addToScore(score, Float32Array.of(2000, -1000, 0), Int32Array.of(1));
    expect(score).toEqual({ loss: 3000, correct: 0, seen: 1 });
    addToScore(score, Float32Array.of(NaN, 1, 2), Int32Array.of(1));
    expect(score.loss).toBeNaN();
  });
});

describe('yearTargetsOf', () => {
  it('is a normal distribution around the age', () => {
    const [year0, year1, year2] = [Math.exp(-2), Math.exp(-1 / 2), 1];
    const total = year0 + year1 + year2 + year1;
    expectClose(yearTargetsOf(Float32Array.of(2), 4, 1), [year0, year1, year2, year1].map((value) => value / total));
  });

  it('takes an age beyond the last year as that', () => {
    expect(yearTargetsOf(Float32Array.of(9), 3, 1)).toEqual(yearTargetsOf(Float32Array.of(2), 3, 1));
  });

  it('is flat where the age is not known', () => {
    expectClose(yearTargetsOf(Float32Array.of(NaN), 4, 2), [0.25, 0.25, 0.25, 0.25]);
  });
});
