import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../../base/random.js';
import { areaUnder, meanColour, pixelOrder, randomOrder, transition } from './curves.js';

const random = (key = 0) => randomStream(1, PURPOSE.explain, key);

describe('pixelOrder', () => {
  it('goes from the largest value to the smallest', () => {
    expect([...pixelOrder(Float32Array.of(0.2, 0.9, 0, 0.5), random())]).toEqual([1, 3, 0, 2]);
  });

  it('takes equal pixels in random order, the same each time', () => {
    const map = Float32Array.from({ length: 100 }, (_, pixel) => (pixel < 50 ? 1 : 0));
    const order = [...pixelOrder(map, random())];
    expect(order.slice(0, 50).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, pixel) => pixel));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect([...pixelOrder(map, random())]).toEqual(order);
    expect([...pixelOrder(map, random(1))]).not.toEqual(order);
  });
});

describe('randomOrder', () => {
  it('holds every pixel once', () => {
    expect([...randomOrder(64, random())].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, pixel) => pixel));
  });
});

describe('transition', () => {
  it('replaces the first pixels of the order first, in all planes', () => {
    const from = Float32Array.of(1, 2, 3, 4, 5, 6);
    const to = Float32Array.of(-1, -2, -3, -4, -5, -6);
    const pictures = transition(from, to, Uint32Array.of(1, 0), 2);
    expect([...pictures]).toEqual([...[1, 2, 3, 4, 5, 6], ...[1, -2, 3, -4, 5, -6], ...[-1, -2, -3, -4, -5, -6]]);
  });

  it('ends with the other picture when the steps do not divide the pixels', () => {
    const pictures = transition(new Float32Array(15), new Float32Array(15).fill(1), Uint32Array.of(4, 3, 2, 1, 0), 2);
    // After half of the steps 2.5 pixels, rounded: 3.
    expect([...pictures.subarray(15, 20)]).toEqual([0, 0, 1, 1, 1]);
    expect([...pictures.subarray(30)]).toEqual(new Array(15).fill(1));
  });
});

describe('areaUnder', () => {
  it('is the mean height of the curve', () => {
    expect(areaUnder([1, 0])).toBe(0.5);
    expect(areaUnder([0.8, 0.4, 0.2])).toBeCloseTo((0.6 + 0.3) / 2, 12);
    expect(areaUnder([0.3, 0.3, 0.3, 0.3])).toBeCloseTo(0.3, 12);
  });
});

describe('meanColour', () => {
  it('fills each plane with its mean', () => {
    expect([...meanColour(Float32Array.of(0, 1, 0.25, 0.75, 1, 1))]).toEqual([0.5, 0.5, 0.5, 0.5, 1, 1]);
  });
});
