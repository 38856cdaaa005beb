import { describe, expect, it } from 'vitest';
import type { ClassMap } from './heat-map.js';
import { isEmptyMap, normaliseMap, splitMaps, spreadMap } from './heat-map.js';

/** A map of two cells side by side. */
function mapOf(...values: number[]): ClassMap {
  return { values: Float32Array.from(values), height: 1, width: 2 };
}

describe('normaliseMap', () => {
  it('gives shares of the largest value, and nothing for what is below 0', () => {
    expect([...normaliseMap({ values: Float32Array.of(2, -1, 4, 0) })]).toEqual([0.5, 0, 1, 0]);
  });

  it('leaves an empty map empty', () => {
    expect([...normaliseMap({ values: Float32Array.of(0, 0) })]).toEqual([0, 0]);
    expect([...normaliseMap({ values: Float32Array.of(-3, -1) })]).toEqual([0, 0]);
  });

  it('keeps the shares of very small values', () => {
    expect([...normaliseMap({ values: Float32Array.of(1e-38, 5e-39) })][1]).toBeCloseTo(0.5, 4);
  });
});

describe('isEmptyMap', () => {
  it('is true only where no value is above 0', () => {
    expect(isEmptyMap({ values: Float32Array.of(0, -1) })).toBe(true);
    expect(isEmptyMap({ values: Float32Array.of(0, 1e-30) })).toBe(false);
  });
});

describe('spreadMap', () => {
  it('is linear between the middles of the cells, and constant beyond them', () => {
    // The four pixels lie at -0.25, 0.25, 0.75 and 1.25 cells.
    expect([...spreadMap(mapOf(0, 4), 4, 1)]).toEqual([0, 0.25, 0.75, 1]);
  });

  it('goes with the size of the picture', () => {
    // Two pixels have their middles where the cells have theirs.
    expect([...spreadMap(mapOf(1, 4), 2, 2)]).toEqual([0.25, 1, 0.25, 1]);
  });

  it('is 0 everywhere for an empty map', () => {
    expect([...spreadMap(mapOf(0, 0), 3, 1)]).toEqual([0, 0, 0]);
  });
});

describe('splitMaps', () => {
  it('gives the maps of a batch', () => {
    const maps = splitMaps(Float32Array.of(1, 2, 3, 4), [2, 1, 2]);
    expect(maps.map(({ values, height, width }) => [[...values], height, width])).toEqual([
      [[1, 2], 1, 2],
      [[3, 4], 1, 2],
    ]);
  });

  it('refuses what is no batch of maps', () => {
    expect(() => splitMaps(Float32Array.of(1, 2), [2])).toThrow('maps [N, h, w] expected, got [2]');
  });
});
