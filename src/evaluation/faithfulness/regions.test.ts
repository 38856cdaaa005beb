import { describe, expect, it } from 'vitest';
import type { Point } from '../../faces/face.js';
import { areaShare, convexHull, eyeMask, faceMask, massShare } from './regions.js';

const at = (x: number, y: number): Point => ({ x, y });

describe('convexHull', () => {
  it('leaves out what lies inside or on an edge', () => {
    const hull = convexHull([at(0, 0), at(4, 0), at(2, 1), at(2, 0), at(4, 4), at(0, 4), at(1, 3)]);
    expect(hull.toSorted((a, b) => a.x - b.x || a.y - b.y)).toEqual([at(0, 0), at(0, 4), at(4, 0), at(4, 4)]);
  });
});

describe('faceMask', () => {
  it('holds the pixels whose centres lie within the hull of the points', () => {
    // A right triangle over the lower left half, its edge through the centres of the diagonal.
    const mask = faceMask({ points: [at(0, 0), at(0, 2), at(2, 2)] }, { width: 3, height: 3, imageSize: 3 });
    expect([...mask]).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 1]);
  });

  it('follows a picture that is squashed', () => {
    // The left half of a picture of 8 × 2 pixels, in a square of 4.
    const points = [at(-0.5, -0.5), at(3.5, -0.5), at(3.5, 1.5), at(-0.5, 1.5)];
    const mask = faceMask({ points }, { width: 8, height: 2, imageSize: 4 });
    expect([...mask]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0]);
  });
});

describe('eyeMask', () => {
  it('holds two discs of a quarter of the distance between the outer corners', () => {
    const landmarks = Array.from({ length: 68 }, () => at(0, 0));
    // Corners at 2 and 22, so the radius is 5; the middles of the eyes lie at 5 and 19.
    for (const [first, xs] of [[36, [2, 4, 6, 8, 6, 4]], [42, [16, 18, 20, 22, 20, 18]]] as const) {
      xs.forEach((x, index) => (landmarks[first + index] = at(x, 10)));
    }
    const mask = eyeMask({ landmarks }, { width: 25, height: 25, imageSize: 25 });
    const row = (y: number) => [...mask.subarray(25 * y, 25 * (y + 1))].flatMap((inside, x) => (inside ? [x] : []));
    const between = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
    expect(row(10)).toEqual([...between(0, 10), ...between(14, 24)]);
    expect(row(14)).toEqual([...between(2, 8), ...between(16, 22)]);
    expect(row(15)).toEqual([5, 19]);
    expect(row(16)).toEqual([]);
  });
});

describe('massShare and areaShare', () => {
  const mask = Uint8Array.of(1, 1, 0, 0);

  it('divide what lies inside by the whole', () => {
    expect(massShare(Float32Array.of(0.5, 0.25, 0.25, 0), mask)).toBe(0.75);
    expect(areaShare(mask)).toBe(0.5);
  });

  it('are equal for a map without preference', () => {
    expect(massShare(new Float32Array(4).fill(0.125), mask)).toBe(areaShare(mask));
  });

  it('say nothing about an empty map', () => {
    expect(massShare(new Float32Array(4), mask)).toBeNull();
  });
});
