import { describe, expect, it } from 'vitest';
import { accuracyOf, addAnswers, agesOf, classWeightsOf, crossEntropies, emptyScore, knownAges, targetsOf, yearTargetsOf } from './targets.js';

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

describe('crossEntropies', () => {
  it('are −log of the probability of the true class', () => {
    const logThree = Math.log(3);
    expectClose(Float32Array.from(crossEntropies(Float32Array.of(0, logThree, logThree, 0), Int32Array.of(0, 0))), [Math.log(4), -Math.log(3 / 4)]);
  });

  it('stay finite for logits that are far apart, and not for those that are not finite', () => {
    expect(crossEntropies(Float32Array.of(-1000, 1000), Int32Array.of(1))).toEqual([0]);
    expect(crossEntropies(Float32Array.of(2000, -1000, 0, NaN, 1, 2), Int32Array.of(1, 1))).toEqual([3000, NaN]);
  });
});

describe('addAnswers', () => {
  it('counts what is right, of pictures that are in a band', () => {
    const score = emptyScore();
    expect(accuracyOf(score)).toBe(0);
    addAnswers(score, Float32Array.of(0, 1, 1, 0, 0, 1), Int32Array.of(0, 0, 1), Uint8Array.of(1, 1, 0));
    expect(score).toEqual({ loss: 0, counted: 2, correct: 1, seen: 3 });
    addAnswers(score, Float32Array.of(-1000, 1000), Int32Array.of(1), Uint8Array.of(1));
    expect(score).toEqual({ loss: 0, counted: 3, correct: 2, seen: 4 });
    expect(accuracyOf(score)).toBeCloseTo(2 / 3, 12);
  });
});

describe('knownAges', () => {
  it('tells pictures between two bands, where the classes are bands', () => {
    const samples = [{ age: 2.5 }, { age: 3 }, {}, { age: 75 }];
    const known = knownAges(samples, ['0-2', '60+']);
    expect(known.ages).toEqual(Float32Array.of(2.5, 3, NaN, 75));
    expect(known.inBand).toEqual(Uint8Array.of(1, 0, 1, 1));
    expect(agesOf(known, Int32Array.of(3, 1))).toEqual({ ages: Float32Array.of(75, 3), inBand: Uint8Array.of(1, 0) });
    expect(knownAges(samples, ['glad', 'sad']).inBand).toEqual(Uint8Array.of(1, 1, 1, 1));
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
