import { expect, it } from 'vitest';
import { counted, rateText, withCommas } from './counts.js';

it('counts and rates are written with commas, small rates with one decimal', () => {
  expect(withCommas(51_980_936)).toBe('51,980,936');
  expect([counted(1, 'picture'), counted(1200, 'picture')]).toEqual(['1 picture', '1,200 pictures']);
  expect([0, 7.26, 99.96, 120.4, 17_680.9].map(rateText)).toEqual(['0.0', '7.3', '100', '120', '17,681']);
});
