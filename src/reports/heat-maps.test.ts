import { expect, it } from 'vitest';
import { examplesOf } from './heat-maps.js';

it('of each band the surest right picture and the surest wrong one are explained, as far as there are any', () => {
  const rows: [string, number, number[]][] = [
    ['right', 0, [0.6, 0.2, 0.2]],
    ['surest right', 0, [0.9, 0.05, 0.05]],
    ['wrong', 0, [0.2, 0.7, 0.1]],
    ['surest wrong', 0, [0.1, 0.1, 0.8]],
    ['always wrong', 1, [0.5, 0.3, 0.2]],
  ];
  const samples = rows.map(([file, label]) => ({ file, label }));
  const probabilities = Float32Array.from(rows.flatMap(([, , row]) => row));
  const examples = examplesOf({ samples, distributions: { probabilities } }, 3);
  expect(examples.map(({ sample, predicted }) => [sample.file, predicted])).toEqual([
    ['surest right', 0],
    ['surest wrong', 2],
    ['always wrong', 0],
  ]);
  expect(examples[0]!.probability).toBeCloseTo(0.9, 6);
});
