import { expect, it } from 'vitest';
import { ConfigError, DataError } from '../base/errors.js';
import type { PictureColumns } from './columns.js';
import { judgeByColumns } from './columns.js';

const classes = ['0-2', '4-6'];

/** A picture for each value; all are of the first class, and every second one is taken for it. */
function figuresOf(values: readonly (string | undefined)[]) {
  const samples = values.map((_, index) => ({ file: String(index), label: 0 }));
  const probabilities = Float32Array.from(values.flatMap((_, index) => (index % 2 === 0 ? [0.75, 0.25] : [0.25, 0.75])));
  const columns: PictureColumns = { names: ['x'], valueOf: (_, file) => values[Number(file)] };
  return judgeByColumns(columns, samples, { probabilities }, classes)[0]!.values;
}

it('judges the pictures of each value by themselves', () => {
  const figures = figuresOf(['f', 'm', 'f', 'f']);
  expect(figures.map(({ value, pictures, accuracy }) => [value, pictures, accuracy])).toEqual([
    ['f', 3, 2 / 3],
    ['m', 1, 0],
  ]);
});

it('puts numbers in their order, and none last', () => {
  expect(figuresOf([undefined, '100', '20', 'x', '3']).map(({ value }) => value)).toEqual(['3', '20', '100', 'x', null]);
});

it('refuses a column without values, and one with too many', () => {
  expect(() => figuresOf([undefined, undefined])).toThrow(DataError);
  expect(() => figuresOf(Array.from({ length: 201 }, (_, index) => String(index)))).toThrow(ConfigError);
  expect(() => figuresOf(Array.from({ length: 201 }, (_, index) => String(index)))).toThrow('has 201 values, more than 200');
});
