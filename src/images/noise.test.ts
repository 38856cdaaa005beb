import { describe, expect, it } from 'vitest';
import { addNoise, erase } from './noise.js';

const even = (level: number, count = 60_000): Float32Array => new Float32Array(count).fill(level);
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('addNoise', () => {
  it('has the standard deviation asked for, and no mean', () => {
    const planes = even(0.5);
    addNoise(planes, 0.1, false, 0x9e3779b9);
    expect(Math.abs(mean(planes) - 0.5)).toBeLessThan(0.002);
    expect(Math.sqrt(mean(planes.map((value) => (value - 0.5) ** 2)))).toBeCloseTo(0.1, 2);
    const beyondTwo = planes.filter((value) => Math.abs(value - 0.5) > 0.2).length / planes.length;
    expect(beyondTwo).toBeCloseTo(0.0455, 2);
  });

  it('is independent from value to value, or the same in the three colours', () => {
    const coloured = even(0.5);
    addNoise(coloured, 0.1, false, 77);
    const next = mean(Array.from(coloured.subarray(1), (value, index) => (value - 0.5) * (coloured[index]! - 0.5)));
    expect(Math.abs(next)).toBeLessThan(3e-4);
    const across = mean(Array.from(coloured.subarray(20_000), (value, index) => (value - 0.5) * (coloured[index]! - 0.5)));
    expect(Math.abs(across)).toBeLessThan(3e-4);
    const grey = even(0.5);
    addNoise(grey, 0.1, true, 77);
    expect(grey.slice(20_000, 40_000)).toEqual(grey.slice(0, 20_000));
    expect(grey.slice(40_000)).toEqual(grey.slice(0, 20_000));
    expect(new Set(grey.slice(0, 20_000)).size).toBeGreaterThan(5000);
  });

  it('stays within 0..1', () => {
    const planes = even(0.98);
    addNoise(planes, 0.2, false, 5);
    expect(planes.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(planes.filter((value) => value === 1).length).toBeGreaterThan(20_000);
  });

  it('follows from its seed', () => {
    const [one, again, other] = [even(0.5, 300), even(0.5, 300), even(0.5, 300)];
    addNoise(one, 0.1, false, 5);
    addNoise(again, 0.1, false, 5);
    addNoise(other, 0.1, false, 9);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });
});

describe('erase', () => {
  it('fills the rectangle with even noise and touches nothing else', () => {
    const [width, height] = [40, 30];
    const planes = { data: even(-1, 3 * width * height), width, height };
    erase(planes, { top: 5, left: 10, width: 20, height: 15 }, 0xdeadbeef);
    const inside: number[] = [];
    planes.data.forEach((value, index) => {
      const [row, column] = [Math.floor(index / width) % height, index % width];
      if (row >= 5 && row < 20 && column >= 10 && column < 30) inside.push(value);
      else expect(value).toBe(-1);
    });
    expect(inside).toHaveLength(900);
    expect(Math.min(...inside)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...inside)).toBeLessThanOrEqual(1);
    expect(mean(inside)).toBeCloseTo(0.5, 1);
    expect(mean(inside.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 1);
  });
});
