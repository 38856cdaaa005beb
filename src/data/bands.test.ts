import { describe, expect, it } from 'vitest';
import { AGE_BANDS, bandOfAge, bandsAround, nearestBand, parseBand } from './bands.js';

describe('bandOfAge', () => {
  it('finds the band of every age, and none between two', () => {
    const bands = Array.from({ length: 66 }, (_, age) => AGE_BANDS[bandOfAge(age) ?? -1] ?? '');
    const counts = new Map(AGE_BANDS.map((band) => [band as string, bands.filter((name) => name === band).length]));
    expect([...counts.values()]).toEqual([3, 3, 6, 6, 8, 6, 6, 6]);
    for (const age of [3, 7, 14, 21, 24, 33, 37, 44, 47, 54, 59]) expect(bandOfAge(age), `${age}`).toBeUndefined();
    expect([0, 2, 4, 6, 8, 13, 15, 20, 25, 32, 38, 43, 48, 53, 60, 116].map(bandOfAge)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7,
    ]);
  });

  it('counts completed years', () => {
    expect(bandOfAge(2.9)).toBe(0);
    expect(bandOfAge(3.9)).toBeUndefined();
  });

  it('knows no band of what is no age', () => {
    expect(bandOfAge(-1)).toBeUndefined();
    expect(bandOfAge(NaN)).toBeUndefined();
  });
});

it('nearestBand takes the younger of two bands that are as near', () => {
  const named = (age: number): string => AGE_BANDS[nearestBand(age)]!;
  expect([3, 7, 14, 35, 45].map(named)).toEqual(['0-2', '4-6', '8-13', '25-32', '38-43']);
  expect([22, 23, 24, 36, 46, 56, 57].map(named)).toEqual(['15-20', '25-32', '25-32', '38-43', '48-53', '48-53', '60+']);
  expect([0, 13.9, 30, 110].map(named)).toEqual(['0-2', '8-13', '25-32', '60+']);
});

it('bandsAround names the neighbours', () => {
  expect(bandsAround(22)).toBe('15-20 and 25-32');
  expect(bandsAround(59)).toBe('48-53 and 60+');
});

describe('parseBand', () => {
  it('reads the bands as they are commonly written', () => {
    expect(AGE_BANDS.map(parseBand)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(['(0, 2)', '(8, 12)', '(60, 100)', ' 25 - 32 ', '4–6', '60 +'].map(parseBand)).toEqual([0, 2, 7, 4, 1, 7]);
  });

  it('reads nothing else', () => {
    for (const text of ['', '25', '(25, 23)', '25-33', '60', 'adult', '-']) expect(parseBand(text)).toBeUndefined();
  });
});
