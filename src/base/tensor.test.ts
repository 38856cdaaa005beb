import { describe, expect, it } from 'vitest';
import { ShapeError } from './errors.js';
import { floatTensor, shapeText, sizeOf } from './tensor.js';

describe('sizeOf', () => {
  it('multiplies the lengths; a scalar has one element, an empty axis none', () => {
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([5, 0])).toBe(0);
  });
});

describe('floatTensor', () => {
  it('wraps float32 arrays without a copy and converts lists', () => {
    const data = Float32Array.of(1, 2);
    expect(floatTensor(data, [2, 1]).data).toBe(data);
    expect(floatTensor([1, 2], [2])).toEqual({ type: 'float32', data: Float32Array.of(1, 2), shape: [2] });
  });

  it('refuses a shape that the values do not fill', () => {
    expect(() => floatTensor([1, 2, 3], [2, 2])).toThrow(ShapeError);
    expect(() => floatTensor([1, 2, 3], [2, 2])).toThrow('floatTensor: 3 values do not fill shape [2, 2]');
  });
});

describe('shapeText', () => {
  it('writes shapes as in messages', () => {
    expect(shapeText([4, 3, 227, 227])).toBe('[4, 3, 227, 227]');
    expect(shapeText([])).toBe('[]');
  });
});
