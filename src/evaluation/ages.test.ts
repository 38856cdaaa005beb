import { expect, it } from 'vitest';
import { ageErrorOf } from './ages.js';

const classes = ['0-2', '25-32', '60+'];

const alone = [[0], [1], [2]];

it('compares the expected age with the true one', () => {
  // Middles are 1, 28.5 and 72: expected 1 and (28.5 + 72) / 2.
  const probabilities = Float32Array.of(...[1, 0, 0], ...[0, 0.5, 0.5], ...[0, 0, 1]);
  const samples = [{ age: 2 }, { age: 60.25 }, {}];
  // Errors of 1 and 10 years: a quarter of the draws of two have the one or the other twice.
  const interval = { low: 1, high: 10 };
  expect(ageErrorOf(samples, probabilities, classes, alone)).toEqual({ years: (1 + 10) / 2, pictures: 2, interval });
  const oneSubject = ageErrorOf(samples, probabilities, classes, [[0, 1], [2]]);
  expect(oneSubject).toEqual({ years: (1 + 10) / 2, pictures: 2, interval: null });
});

it('is undefined without ages and without bands', () => {
  expect(ageErrorOf([{}], Float32Array.of(1, 0, 0), classes, [[0]])).toBeUndefined();
  expect(ageErrorOf([{ age: 3 }], Float32Array.of(1, 0), ['young', '60+'], [[0]])).toBeUndefined();
});
