import { expect, it } from 'vitest';
import { duration, percent, range, signed } from './format.js';

it('shares are percentages, or a dash where there are none', () => {
  expect([percent(0.5418), percent(0), percent(1), percent(null)]).toEqual(['54.2 %', '0.0 %', '100.0 %', '–']);
});

it('durations are in the two units that matter', () => {
  expect([0.4, 59.4, 59.6, 61, 3599, 3661, 90_000].map(duration)).toEqual([
    ...['0 s', '59 s', '1 min 0 s', '1 min 1 s', '59 min 59 s', '1 h 1 min', '25 h 0 min'],
  ]);
});

it('differences have a sign unless they round to nothing', () => {
  const write = signed((value) => value.toFixed(1));
  expect([1, -1, 0.04, -0.04, 0].map(write)).toEqual(['+1.0', '−1.0', '0.0', '0.0', '0.0']);
  expect(range({ low: -1, high: 2 }, write)).toBe('−1.0 to +2.0');
});
