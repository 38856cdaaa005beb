import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { fitTemperature, probabilitiesOf, TEMPERATURES } from './temperature.js';

/** Pictures of two classes with the logits (margin, 0), of which the first `right` are of class 0. */
function pairs(margin: number, right: number, count: number): [Float32Array, Int32Array] {
  const logits = Float32Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? margin : 0));
  return [logits, Int32Array.from({ length: count }, (_, index) => (index < right ? 0 : 1))];
}

/** Mean cross-entropy, to compare with neighbours. */
function lossAt(logits: Float32Array, labels: Int32Array, temperature: number): number {
  const classes = logits.length / labels.length;
  const losses = Array.from(labels, (label, picture) => {
    const row = [...logits.subarray(picture * classes, (picture + 1) * classes)].map((logit) => logit / temperature);
    const top = Math.max(...row);
    return top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) - row[label]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe('fitTemperature', () => {
  it.each([
    // Of two classes, the best probability is the share that is right: margin / T = ln(right / wrong).
    [2 * Math.log(3), 3, 4, 2],
    [Math.log(3), 3, 4, 1],
    [Math.log(9) / 4, 9, 10, 0.25],
    [60, 3, 4, 20],
  ])('finds the known optimum for margin %d with %d of %d right', (margin, right, count, expected) => {
    expect(fitTemperature(...pairs(margin, right, count))).toBeCloseTo(expected, 5);
  });

  it('is at the least loss for several classes', () => {
    const random = randomStream(3, PURPOSE.initialise);
    const labels = Int32Array.from({ length: 200 }, () => random.integer(8));
    const logits = Float32Array.from({ length: 1600 }, (_, index) => 4 * random.normal() + (labels[index >> 3] === index % 8 ? 3 : 0));
    const temperature = fitTemperature(logits, labels);
    const least = lossAt(logits, labels, temperature);
    expect(temperature).toBeGreaterThan(1);
    for (const factor of [0.5, 0.99, 1.01, 2]) expect(lossAt(logits, labels, factor * temperature)).toBeGreaterThan(least);
  });

  it('stays within its bounds where all or none are right, and is 1 where nothing matters', () => {
    expect(fitTemperature(...pairs(2, 4, 4))).toBe(TEMPERATURES.lowest);
    expect(fitTemperature(...pairs(2, 0, 4))).toBe(TEMPERATURES.highest);
    expect(fitTemperature(...pairs(2, 2, 4))).toBe(TEMPERATURES.highest);
    expect(fitTemperature(...pairs(0, 3, 4))).toBe(1);
  });

  it('does not overflow', () => {
    const [logits, labels] = pairs(1e30, 3, 4);
    expect(fitTemperature(logits, labels)).toBe(TEMPERATURES.highest);
  });

  it('does not care for a constant that is added to the logits of a picture', () => {
    const [logits, labels] = pairs(2 * Math.log(3), 3, 4);
    expect(fitTemperature(logits.map((logit, index) => logit + 4 * (index >> 1)), labels)).toBeCloseTo(2, 5);
  });
});

describe('probabilitiesOf', () => {
  it('divides the logits before the softmax', () => {
    const logits = Float32Array.of(...[Math.log(16), 0, 0], ...[1000, 0, 1000]);
    expect([...probabilitiesOf(logits, 3)].map((value) => value.toFixed(4))).toEqual(
      [16 / 18, 1 / 18, 1 / 18, 0.5, 0, 0.5].map((value) => value.toFixed(4)),
    );
    expect(probabilitiesOf(logits, 3, 2)[0]).toBeCloseTo(4 / 6, 6);
  });

  it('passes on what is no number', () => {
    expect([...probabilitiesOf(Float32Array.of(NaN, 0, 0, 0), 2)]).toEqual([NaN, NaN, 0.5, 0.5]);
  });
});
