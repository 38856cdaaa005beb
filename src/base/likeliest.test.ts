import { expect, it } from 'vitest';
import { likeliest } from './likeliest.js';

it('takes the largest probability, and of equal ones the first', () => {
  expect(likeliest(Float32Array.of(0.2, 0.5, 0.3))).toBe(1);
  expect(likeliest(Float32Array.of(0.1, 0.4, 0.4, 0.1))).toBe(1);
});
