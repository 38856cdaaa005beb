import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { constant, heNormal, normal } from './initialisers.js';
import type { Initialiser } from './initialisers.js';

const stream = (key = 0) => randomStream(3, PURPOSE.initialise, key);

/** Mean, standard deviation and the share within one standard deviation of the mean. */
function momentsOf(initialise: Initialiser, shape: readonly number[]) {
  const values = initialise(shape, stream());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const within = values.filter((value) => Math.abs(value - mean) < deviation).length / values.length;
  return { count: values.length, mean, deviation, within };
}

describe('normal', () => {
  it('has mean 0, the standard deviation asked for, and the shape of a bell', () => {
    const { count, mean, deviation, within } = momentsOf(normal(0.01), [8, 25, 25, 8]);
    expect(count).toBe(40_000);
    expect(Math.abs(mean)).toBeLessThan(2e-4); // four standard errors
    expect(Math.abs(deviation / 0.01 - 1)).toBeLessThan(0.02);
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.01);
  });

  it('depends on the stream alone', () => {
    expect(normal(1)([5], stream())).toEqual(normal(1)([5], stream()));
    expect(normal(1)([5], stream(1))).not.toEqual(normal(1)([5], stream(2)));
  });
});

describe('heNormal', () => {
  it.each([
    ['a convolution', [50, 8, 5, 5], 8 * 5 * 5],
    ['a dense layer', [200, 60], 200],
  ])('takes the fan-in of %s', (_name, shape, fanIn) => {
    const { mean, deviation } = momentsOf(heNormal, shape);
    const expected = Math.sqrt(2 / fanIn);
    expect(Math.abs(mean)).toBeLessThan(expected * 0.04);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.04);
  });
});

it('constant fills the shape', () => {
  expect(constant(0.5)([2, 2], stream())).toEqual(Float32Array.of(0.5, 0.5, 0.5, 0.5));
});
