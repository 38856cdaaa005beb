import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import {
  AGE_BANDS,
  bandHolding,
  bandHoldingAge,
  bandOfAge,
  bandsAround,
  namesAround,
  nearestBand,
  parseAnyBand,
  parseBand,
  parseBandList,
  spansOfClasses,
} from './bands.js';

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

describe('bands of any bounds', () => {
  it('are read as they are commonly written', () => {
    for (const text of ['26-59', '26–59', '(26, 59)', ' 26 - 59 ']) expect(parseAnyBand(text), text).toEqual({ from: 26, to: 59 });
    expect(parseAnyBand('60+')).toEqual({ from: 60, to: null });
    expect(parseAnyBand('5-5')).toEqual({ from: 5, to: 5 });
    for (const text of ['', '25', '25-23', '0-200', '131+', 'adult', '-5', '1-2-3', '1.5-3']) expect(parseAnyBand(text), text).toBeUndefined();
  });

  it('are given as a list from young to old', () => {
    expect(parseBandList('0-12, (13-25), 26–59,60+')).toEqual(['0-12', '13-25', '26-59', '60+']);
  });

  it.each([
    ['0-12,12-25', '0-12 and 12-25 overlap'],
    ['0-12,13+,60+', '13+ and 60+ overlap'],
    ['13-25,0-12', '13-25 and 0-12 do not stand from young to old'],
    ['0-12', 'at least two are needed, got 0-12'],
    ['0-12,young', '"young" is no age band such as 8-13 or 60+'],
    ['0-12,,60+', '"" is no age band such as 8-13 or 60+'],
  ])('are refused as %s', (list, message) => {
    expect(() => parseBandList(list)).toThrow(ConfigError);
    expect(() => parseBandList(list)).toThrow(message);
  });

  it('stand for their years, the last one for the age that persons of it have on average', () => {
    expect(spansOfClasses(['0-12', '13-24', '25+'])).toEqual([
      { from: 0, to: 12, middle: 6 },
      { from: 13, to: 24, middle: 18.5 },
      { from: 25, to: null, middle: 72 - 35 * 0.73 },
    ]);
    expect(spansOfClasses(['0-2', '60+'])).toEqual([{ from: 0, to: 2, middle: 1 }, { from: 60, to: null, middle: 72 }]);
    // Adience's spellings of two of the eight bands.
    expect(spansOfClasses(['(8, 12)', '(60, 100)'])).toEqual([{ from: 8, to: 13, middle: 10.5 }, { from: 60, to: null, middle: 72 }]);
    for (const names of [['0-12', 'old'], ['13-25', '0-12'], ['0-12', '10-25']]) expect(spansOfClasses(names)).toBeUndefined();
  });

  it('hold ages by completed years, and bands as a whole', () => {
    const bands = [{ from: 0, to: 12 }, { from: 20, to: 59 }, { from: 60, to: null }];
    expect([0, 12.9, 13, 19, 20, 60, 116].map((age) => bandHoldingAge(age, bands))).toEqual([0, 0, undefined, undefined, 1, 2, 2]);
    const held = (text: string) => bandHolding(parseAnyBand(text)!, bands);
    expect(['0-2', '8-13', '20-59', '48-53', '60+', '70-80', '50-70', '20+'].map(held)).toEqual([0, undefined, 1, 1, 2, 2, undefined, undefined]);
    expect(namesAround(15, ['0-12', '20-59', '60+'], bands)).toBe('0-12 and 20-59');
  });
});
