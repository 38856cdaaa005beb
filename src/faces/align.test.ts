import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../base/errors.js';
import { alignFace, alignmentMatrix, ALIGNMENT_TEMPLATES } from './align.js';
import type { Affine } from '../images/warp.js';
import type { Point } from './face.js';

const place = ([a, b, c, d, e, f]: Affine, { x, y }: Point): [number, number] => [a * x + b * y + c, d * x + e * y + f];

/** 68 points of which some are set. */
function points(set: Record<number, [number, number]>): Point[] {
  return Array.from({ length: 68 }, (_, index) => {
    const [x, y] = set[index] ?? [0, 0];
    return { x, y };
  });
}

const FACE = points({
  36: [310, 200],
  45: [425, 190],
  33: [371, 262],
  39: [342, 203],
  42: [392, 199],
  57: [374, 310],
});

describe('three points come to lie where the mean face has them', () => {
  it('outer eyes and nose', () => {
    const matrix = alignmentMatrix(FACE);
    // 227 times the min-max normalised rows of OpenFace's template.
    expect(place(matrix, FACE[36]!)).toEqual([expect.closeTo(44.0736, 3), expect.closeTo(38.4236, 3)]);
    expect(place(matrix, FACE[45]!)).toEqual([expect.closeTo(179.071, 3), expect.closeTo(35.9048, 3)]);
    expect(place(matrix, FACE[33]!)).toEqual([expect.closeTo(112.3539, 3), expect.closeTo(116.7781, 3)]);
  });

  it('inner eyes and bottom lip', () => {
    const matrix = alignmentMatrix(FACE, { size: 100, template: 'inner-eyes-and-bottom-lip' });
    expect(place(matrix, FACE[39]!)).toEqual([expect.closeTo(36.3785, 4), expect.closeTo(17.7947, 4)]);
    expect(place(matrix, FACE[42]!)).toEqual([expect.closeTo(61.8963, 4), expect.closeTo(17.2778, 4)]);
    expect(place(matrix, FACE[57]!)).toEqual([expect.closeTo(50.0204, 4), expect.closeTo(75.0584, 4)]);
  });
});

describe('similarity', () => {
  it('neither squeezes nor shears', () => {
    const [a, b, , d, e] = alignmentMatrix(FACE, { template: 'similarity' });
    expect([a, b]).toEqual([expect.closeTo(e, 12), expect.closeTo(-d, 12)]);
    expect(a * e - b * d).toBeGreaterThan(0);
  });

  it('undoes a turn, a scale and a shift of the mean face', () => {
    // The six points of the mean face, at 200 pixels, turned by 90° clockwise and shifted.
    const mean: Record<number, [number, number]> = {
      36: [0.121737, 0.216423],
      45: [0.858516, 0.216423],
      33: [0.490127, 0.628106],
      39: [0.334606, 0.231733],
      42: [0.645647, 0.231733],
      57: [0.490127, 0.909281],
    };
    const turned = Object.fromEntries(
      Object.entries(mean).map(([index, [x, y]]) => [index, [500 - 200 * y, 30 + 200 * x] as [number, number]]),
    );
    const matrix = alignmentMatrix(points(turned), { size: 100, template: 'similarity' });
    for (const [index, [x, y]] of Object.entries(mean)) {
      const [u, v] = turned[Number(index)]!;
      expect(place(matrix, { x: u, y: v })).toEqual([expect.closeTo(100 * x, 3), expect.closeTo(100 * y, 3)]);
    }
  });
});

describe('margin', () => {
  it.each(ALIGNMENT_TEMPLATES)('shows that much more on each side: %s', (template) => {
    const [tight, wide] = [0, 0.25].map((margin) => alignmentMatrix(FACE, { size: 150, template, margin }));
    const [x, y] = place(tight!, FACE[33]!);
    // What was at x of 150 is at 25 + x · 100 / 150 pixels: 150 / 1.5 pixels of face between margins of 25.
    expect(place(wide!, FACE[33]!)).toEqual([expect.closeTo(25 + x / 1.5, 4), expect.closeTo(25 + y / 1.5, 4)]);
  });
});

describe('alignFace', () => {
  it('gives a square of the size that is asked for, black where the picture ends', () => {
    const picture = { data: new Uint8Array(600 * 320 * 3).fill(77), width: 600, height: 320 };
    const crop = alignFace(picture, FACE, { size: 64, margin: 1 });
    expect([crop.width, crop.height, crop.data.length]).toEqual([64, 64, 64 * 64 * 3]);
    expect(crop.data[3 * (32 * 64 + 32)]).toBe(77);
    expect(crop.data.at(-1)).toBe(0);
  });

  const picture = { data: new Uint8Array(3), width: 1, height: 1 };

  it('refuses points that are not a face', () => {
    expect(() => alignFace(picture, FACE.slice(1))).toThrow(ShapeError);
    expect(() => alignFace(picture, points({}))).toThrow(ShapeError);
    expect(() => alignFace(picture, points({}), { template: 'similarity' })).toThrow(ShapeError);
    expect(() => alignFace(picture, FACE.with(36, { x: NaN, y: 0 }))).toThrow(ShapeError);
    // The nose nearly on the line between the eyes: 0.004 of the square of their distance is the area.
    expect(() => alignFace(picture, points({ 36: [0, 0], 45: [100, 0], 33: [50, 0.8] }))).toThrow(ShapeError);
  });

  it.each([{ size: 0 }, { size: 2.5 }, { size: 1e6 }, { margin: -0.5 }, { margin: NaN }, { template: 'nose' as never }])(
    'refuses the option %j',
    (options) => {
      expect(() => alignFace(picture, FACE, options)).toThrow(ConfigError);
    },
  );
});
