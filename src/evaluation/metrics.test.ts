import { describe, expect, it } from 'vitest';
import { DataError, EngineError, ShapeError } from '../base/errors.js';
import { computeMetrics } from './metrics.js';

const classes = ['0-2', '4-6', '8-13', '15-20'];

/**
 * Six pictures; the likeliest classes are 0, 1, 2, 1, 0, 2 and the true ones 0, 1, 1, 1, 2, 2.
 * Nobody is 15-20 and nobody is taken for it.
 */
const probabilities = Float32Array.of(
  ...[0.5, 0.25, 0.25, 0],
  ...[0.25, 0.5, 0.125, 0.125],
  ...[0.25, 0.25, 0.5, 0],
  ...[0, 1, 0, 0],
  ...[0.5, 0.25, 0, 0.25],
  ...[0.125, 0.125, 0.5, 0.25],
);
const labels = Int32Array.of(0, 1, 1, 1, 2, 2);

describe('computeMetrics', () => {
  const metrics = computeMetrics(probabilities, labels, classes);

  it('counts who was taken for whom', () => {
    expect(metrics.pictures).toBe(6);
    expect(metrics.confusion).toEqual([
      [1, 0, 0, 0],
      [0, 2, 1, 0],
      [1, 0, 1, 0],
      [0, 0, 0, 0],
    ]);
  });

  it('gives the same as shares of the true class, null where there are no pictures', () => {
    expect(metrics.confusionShares).toEqual([
      [1, 0, 0, 0],
      [0, 2 / 3, 1 / 3, 0],
      [1 / 2, 0, 1 / 2, 0],
      [null, null, null, null],
    ]);
  });

  it('gives exact and one-off accuracy and that of the majority guess', () => {
    expect(metrics.accuracy).toBeCloseTo(4 / 6, 12);
    expect(metrics.oneOff).toBeCloseTo(5 / 6, 12);
    expect(metrics.majority).toBeCloseTo(3 / 6, 12);
  });

  it('gives the mean recall of the classes that occur, and the mean distance in classes', () => {
    expect(metrics.balancedAccuracy).toBeCloseTo((1 + 2 / 3 + 1 / 2) / 3, 12);
    // One picture is one class off and one is two.
    expect(metrics.meanClassError).toBeCloseTo(3 / 6, 12);
  });

  it('gives the mean cross-entropy with bounded misses', () => {
    // -log of 1/2, 1/2, 1/4, 1, 1e-7, 1/2.
    expect(metrics.loss).toBeCloseTo((5 * Math.log(2) + 7 * Math.log(10)) / 6, 6);
  });

  it('gives precision, recall and F1 of each class, null where undefined', () => {
    expect(metrics.perClass).toEqual([
      { name: '0-2', precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 },
      { name: '4-6', precision: 1, recall: 2 / 3, f1: 4 / 5, support: 3 },
      { name: '8-13', precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
      { name: '15-20', precision: null, recall: null, f1: null, support: 0 },
    ]);
  });

  it('tells a class that was always missed from one that did not occur', () => {
    const { perClass } = computeMetrics(Float32Array.of(1, 0, 1, 0), Int32Array.of(0, 1), ['a', 'b']);
    expect(perClass[1]).toEqual({ name: 'b', precision: null, recall: 0, f1: 0, support: 1 });
  });

  it('takes the first of equally likely classes', () => {
    expect(computeMetrics(Float32Array.of(0.5, 0.5), Int32Array.of(0), ['a', 'b']).accuracy).toBe(1);
  });

  it('refuses what it cannot measure', () => {
    const names = ['a', 'b'];
    expect(() => computeMetrics(new Float32Array(), new Int32Array(), names)).toThrow(DataError);
    expect(() => computeMetrics(Float32Array.of(1), Int32Array.of(0), names)).toThrow(ShapeError);
    expect(() => computeMetrics(Float32Array.of(1, 0), Int32Array.of(2), names)).toThrow(/label 2/);
    expect(() => computeMetrics(Float32Array.of(1, 0, NaN, 0), Int32Array.of(0, 0), names)).toThrow(EngineError);
  });
});
