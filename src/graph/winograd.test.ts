import { describe, expect, it } from 'vitest';
import { minimalFilter, MOST_POINTS } from './winograd.js';

const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, entry, index) => sum + entry * vector[index]!, 0));

describe('minimalFilter', () => {
  it('gives F(2, 3) with four products', () => {
    const { outputTransform, kernelTransform, inputTransform } = minimalFilter(2, 3);
    expect(inputTransform).toEqual([
      [-1, 0, 1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, -1, 0, 1],
    ]);
    expect(kernelTransform).toEqual([
      [-1, -0, -0],
      [0.5, 0.5, 0.5],
      [0.5, -0.5, 0.5],
      [0, 0, 1],
    ]);
    expect(outputTransform).toEqual([
      [1, 1, 1, 0],
      [0, 1, -1, 1],
    ]);
  });

  const sizes = [3, 4, 5, 6, 7].flatMap((taps) =>
    Array.from({ length: MOST_POINTS - taps }, (_, index) => ({ outputs: index + 2, taps })),
  );
  it.each(sizes)('F($outputs, $taps) correlates', ({ outputs, taps }) => {
    const filter = minimalFilter(outputs, taps);
    const data = Array.from({ length: outputs + taps - 1 }, (_, index) => Math.sin(3 * index + 1));
    const weights = Array.from({ length: taps }, (_, index) => Math.cos(5 * index));
    const transformed = times(filter.inputTransform, data);
    const products = times(filter.kernelTransform, weights).map((weight, index) => weight * transformed[index]!);
    const expected = Array.from({ length: outputs }, (_, row) =>
      weights.reduce((sum, weight, tap) => sum + weight * data[row + tap]!, 0),
    );
    times(filter.outputTransform, products).forEach((y, row) => expect(y).toBeCloseTo(expected[row]!, 12));
  });
});
