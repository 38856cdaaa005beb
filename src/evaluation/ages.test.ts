import { expect, it } from 'vitest';
import { ageErrorOf } from './ages.js';

const classes = ['0-2', '25-32', '60+'];

it('compares the expected age with the true one', () => {
  // Middles are 1, 28.5 and 72: expected 1 and (28.5 + 72) / 2.
  const probabilities = Float32Array.of(...[1, 0, 0], ...[0, 0.5, 0.5], ...[0, 0, 1]);
  const samples = [{ age: 2 }, { age: 60.25 }, {}];
  // Errors of 1 and 10 years: a quarter of the draws of two have the one or the other twice.
  const error = { years: (1 + 10) / 2, pictures: 2, interval: { low: 1, high: 10 }, withinPercentiles: null };
  expect(ageErrorOf(samples, { probabilities }, classes)).toEqual(error);
  const ofOneSubject = [{ age: 2, group: 'p' }, { age: 60.25, group: 'p' }, {}];
  expect(ageErrorOf(ofOneSubject, { probabilities }, classes)).toEqual({ ...error, interval: null });
});

it('takes the expected age of the years where a network tells them', () => {
  // Years 0 to 3: expected 1.5 and 0.05, from 1 to 2 and from 0 to 0.
  const years = Float32Array.of(...[0, 0.5, 0.5, 0], ...[0.95, 0.05, 0, 0]);
  const probabilities = Float32Array.of(...[0.5, 0.5], ...[1, 0]);
  const { years: error, withinPercentiles } = ageErrorOf([{ age: 2.75 }, { age: 3 }], { probabilities, years }, ['0-2', '4-6'])!;
  expect(error).toBeCloseTo((1.25 + 2.95) / 2, 6);
  expect(withinPercentiles).toBe(0.5);
});

it('is undefined without ages and without bands', () => {
  expect(ageErrorOf([{}], { probabilities: Float32Array.of(1, 0, 0) }, classes)).toBeUndefined();
  expect(ageErrorOf([{ age: 3 }], { probabilities: Float32Array.of(1, 0) }, ['young', '60+'])).toBeUndefined();
});
