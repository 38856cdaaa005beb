import { expect, it } from 'vitest';
import { withoutHarmlessFaults } from './jpeg-faults.js';

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const frame = (marker: number): number[] => [0xff, marker, 0, 4, 1, 2];
/** A scan of one component. */
const scan = (parameters: readonly number[]): number[] => [0xff, 0xda, 0, 8, 1, 1, 0, ...parameters];
const DATA = [7, 0xff, 0, 8, 0xff, 0xd3, 9];

it('mends the parameters of a sequential scan', () => {
  const wrong = Uint8Array.from([...SOI, ...frame(0xc0), ...scan([0, 0, 1]), ...DATA, ...EOI]);
  const right = [...SOI, ...frame(0xc0), ...scan([0, 63, 0]), ...DATA, ...EOI];
  expect(Array.from(withoutHarmlessFaults(wrong)!)).toEqual(right);
  expect(wrong[wrong.indexOf(0xda) + 7]).toBe(0);
});

it('leaves those of a progressive scan alone, where they mean something', () => {
  const progressive = [...SOI, ...frame(0xc2), ...scan([0, 0, 1]), ...DATA, ...scan([1, 5, 2]), ...DATA, ...EOI];
  expect(withoutHarmlessFaults(Uint8Array.from(progressive))).toBeUndefined();
});

it('takes zeros before the end away, but not one that belongs to the data', () => {
  const start = [...SOI, ...frame(0xc0), ...scan([0, 63, 0]), ...DATA];
  const filled = Uint8Array.from([...start, 0, 0, 0, ...EOI, 5]);
  expect(Array.from(withoutHarmlessFaults(filled)!)).toEqual([...start, ...EOI, 5]);
  expect(withoutHarmlessFaults(Uint8Array.from([...start, 0xff, 0, ...EOI]))).toBeUndefined();
});

it('finds nothing to mend in what is whole, cut off, or no JPEG', () => {
  const whole = [...SOI, ...frame(0xc0), ...scan([0, 63, 0]), ...DATA, ...EOI];
  for (let length = 0; length <= whole.length; length++) {
    expect(withoutHarmlessFaults(Uint8Array.from(whole.slice(0, length)))).toBeUndefined();
  }
  expect(withoutHarmlessFaults(Uint8Array.from([0x89, 0x50, 0x4e, 0x47]))).toBeUndefined();
});
