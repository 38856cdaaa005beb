import { describe, expect, it } from 'vitest';
import type { AgeSpan } from './expected-age.js';
import { ageText, estimateAge, estimateAgeOfYears } from './expected-age.js';

const SPANS: AgeSpan[] = [
  { from: 0, to: 2, middle: 1 },
  { from: 4, to: 6, middle: 5 },
  { from: 8, to: 13, middle: 10.5 },
  { from: 60, to: null, middle: 72 },
];

describe('estimateAge', () => {
  it('is the mean of the middles, by hand', () => {
    expect(estimateAge([0.5, 0.25, 0.25, 0], SPANS).expected).toBeCloseTo(0.5 + 1.25 + 2.625, 12);
  });

  it('gives the bands between the quantiles of 5 and 95 %', () => {
    expect(estimateAge([0.04, 0.5, 0.42, 0.04], SPANS)).toMatchObject({ from: 4, to: 13 });
    expect(estimateAge([0.06, 0.9, 0.02, 0.02], SPANS)).toMatchObject({ from: 0, to: 6 });
    expect(estimateAge([0, 1, 0, 0], SPANS)).toEqual({ expected: 5, from: 4, to: 6 });
  });

  it('has no end where the last band has none, also when the shares do not quite sum to 1', () => {
    expect(estimateAge([0, 0, 0.5, 0.5], SPANS)).toMatchObject({ from: 8, to: null });
    expect(estimateAge([0.3, 0.3, 0.3, 0.049], SPANS)).toMatchObject({ from: 0, to: null });
  });
});

describe('estimateAgeOfYears', () => {
  it('is the mean, between the quantiles of 10 and 90 %', () => {
    // Years 0 to 4.
    const estimate = estimateAgeOfYears([0.05, 0.1, 0.5, 0.3, 0.05]);
    expect(estimate).toMatchObject({ from: 1, to: 3 });
    expect(estimate.expected).toBeCloseTo(0.1 + 1 + 0.9 + 0.2, 12);
  });
});

it('ageText says what is likely', () => {
  expect(ageText({ expected: 28.4, from: 25, to: 43 })).toBe('about 28 years, likely 25 to 43');
  expect(ageText({ expected: 1.2, from: 1, to: 1 })).toBe('about 1 year, likely 1');
  expect(ageText({ expected: 70, from: 60, to: null })).toBe('about 70 years, likely 60 or older');
});
