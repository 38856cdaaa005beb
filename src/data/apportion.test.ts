import { describe, expect, it } from 'vitest';
import { apportion } from './apportion.js';

describe('apportion', () => {
  it('gives the remainders to the largest', () => {
    expect(apportion(10, [0.6, 0.2, 0.2])).toEqual([6, 2, 2]);
    expect(apportion(7, [0.6, 0.2, 0.2])).toEqual([4, 2, 1]);
    expect(apportion(3, [0.6, 0.2, 0.2])).toEqual([2, 1, 0]);
    expect(apportion(15, [3, 1, 1])).toEqual([9, 3, 3]);
    expect(apportion(100, [1, 1, 1])).toEqual([34, 33, 33]);
  });

  it('always adds up', () => {
    for (let total = 0; total < 200; total++) {
      const parts = apportion(total, [0.7, 0.15, 0.1, 0.05, 0]);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
      expect(parts[4]).toBe(0);
    }
  });

  it('gives nothing where all weights are 0', () => {
    expect(apportion(5, [0, 0])).toEqual([0, 0]);
  });
});
