import { describe, expect, it } from 'vitest';
import { calibrationInterval, computeCalibration } from './calibration.js';

/** Four pictures: sure and right, sure and wrong, half sure and right, half sure and right. */
const probabilities = Float32Array.of(...[0.875, 0.125], ...[0.875, 0.125], ...[0.375, 0.625], ...[0.625, 0.375]);
const labels = Int32Array.of(0, 1, 1, 0);

describe('computeCalibration', () => {
  it('compares confidence with accuracy in each bin', () => {
    const { error, bins } = computeCalibration(probabilities, labels, 4);
    expect(bins).toEqual([
      { from: 0, to: 0.25, pictures: 0, confidence: null, accuracy: null },
      { from: 0.25, to: 0.5, pictures: 0, confidence: null, accuracy: null },
      { from: 0.5, to: 0.75, pictures: 2, confidence: 0.625, accuracy: 1 },
      { from: 0.75, to: 1, pictures: 2, confidence: 0.875, accuracy: 0.5 },
    ]);
    // Half of the pictures are 0.375 too unsure and half 0.375 too sure.
    expect(error).toBeCloseTo(0.375, 12);
  });

  it('counts a border to the bin below it, and certainty to the last', () => {
    const { bins, error } = computeCalibration(Float32Array.of(0.5, 0.5, 1, 0, 0, 1), Int32Array.of(0, 0, 1), 2);
    expect(bins.map(({ pictures }) => pictures)).toEqual([1, 2]);
    expect(error).toBeCloseTo(0.5 / 3, 12);
  });
});

describe('calibrationInterval', () => {
  it('draws whole groups again', () => {
    // One group is 0.125 too unsure, the other 0.375 too unsure: draws have the one, the other or both.
    const pair = Float32Array.of(...[0.875, 0.125], ...[0.375, 0.625]);
    expect(calibrationInterval(pair, Int32Array.of(0, 1), [[0], [1]])).toEqual({ low: 0.125, high: 0.375 });
    expect(calibrationInterval(pair, Int32Array.of(0, 1), [[0, 1]])).toBeNull();
  });
});
