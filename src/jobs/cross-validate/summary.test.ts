import { describe, expect, it } from 'vitest';
import type { RunResult } from '../runs/run-item.js';
import { summarise } from './summary.js';

const fold = (accuracy: number, years: number | null, confusion: number[][]): RunResult => ({
  ...{ pictures: 10, subjects: 10, loss: 1, accuracy, oneOff: 1, balancedAccuracy: accuracy, meanClassError: 0.5 },
  ...{ ageError: years === null ? null : { years, pictures: 10 }, calibrationError: 0.1, confusion },
  ...{ bestEpoch: 1, epochs: 2, seconds: 3, problems: [] },
});
const FOLDS = [fold(0.4, 8, [[3, 1], [5, 1]]), fold(0.5, 10, [[4, 0], [5, 1]]), fold(0.9, 12, [[9, 0], [1, 0]])];

describe('a summary of folds', () => {
  it('gives mean, sample standard deviation and the confusion of all', () => {
    const { mean, standardDeviation, confusion } = summarise(FOLDS);
    expect(mean.accuracy).toBeCloseTo(0.6, 12);
    // Squared distances of 0.04, 0.01 and 0.09, over two.
    expect(standardDeviation.accuracy).toBeCloseTo(Math.sqrt(0.07), 12);
    expect([mean.ageError, standardDeviation.ageError]).toEqual([10, 2]);
    expect(standardDeviation.loss).toBe(0);
    expect(confusion).toEqual([[16, 1], [11, 2]]);
  });

  it('has no mean of what one of them lacks', () => {
    const { mean, standardDeviation } = summarise([...FOLDS, fold(1, null, [[5, 0], [0, 5]])]);
    expect([mean.ageError, standardDeviation.ageError]).toEqual([null, null]);
    expect(mean.accuracy).toBeCloseTo(0.7, 12);
  });
});
