import { expect, it } from 'vitest';
import { ageErrorOf } from './ages.js';

const classes = ['0-2', '25-32', '60+'];

it('compares the expected age with the true one', () => {
  // Middles are 1, 28.5 and 72: expected 1 and (28.5 + 72) / 2.
  const probabilities = Float32Array.of(...[1, 0, 0], ...[0, 0.5, 0.5], ...[0, 0, 1]);
  expect(ageErrorOf([{ age: 2 }, { age: 60.25 }, {}], probabilities, classes)).toEqual({ years: (1 + 10) / 2, pictures: 2 });
});

it('is undefined without ages and without bands', () => {
  expect(ageErrorOf([{}], Float32Array.of(1, 0, 0), classes)).toBeUndefined();
  expect(ageErrorOf([{ age: 3 }], Float32Array.of(1, 0), ['young', '60+'])).toBeUndefined();
});
