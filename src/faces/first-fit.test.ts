import { describe, expect, it } from 'vitest';
import type { Point } from './face.js';
import { confirms, featureDistance, foreseenRegion } from './first-fit.js';
import type { Mesh } from './mesh.js';
import type { Region } from './region.js';

/** A mesh 100 pixels wide and 120 high about (200, 300), with the outer eye corners 100 pixels apart. */
function mesh(): Mesh {
  const points = Array<Point>(468).fill({ x: 200, y: 300 });
  const places: Record<number, Point> = {
    10: { x: 200, y: 240 },
    152: { x: 200, y: 360 },
    33: { x: 150, y: 280 },
    133: { x: 180, y: 280 },
    362: { x: 220, y: 280 },
    263: { x: 250, y: 280 },
    4: { x: 200, y: 310 },
    13: { x: 200, y: 328 },
    14: { x: 200, y: 332 },
  };
  for (const [index, place] of Object.entries(places)) points[Number(index)] = place;
  return { points, depths: points.map(() => 0), presence: 1 };
}

/** Where those features lie: the middle of each eye, the tip of the nose, the middle of the mouth. */
const FEATURES = [
  { x: 165, y: 280 },
  { x: 235, y: 280 },
  { x: 200, y: 310 },
  { x: 200, y: 330 },
];
/** The square around that mesh with half as much again. */
const OWN: Region = { centre: { x: 200, y: 300 }, side: 180, roll: 0 };

/** The features, all moved to the right. */
function moved(pixels: number): { points: Point[] } {
  return { points: FEATURES.map(({ x, y }) => ({ x: x + pixels, y })) };
}

describe('foreseenRegion', () => {
  const box = { left: 100, top: 200, width: 100, height: 80 };

  it('is larger than the box, and a little above it', () => {
    const points = [
      { x: 130, y: 230 },
      { x: 170, y: 230 },
    ];
    const { centre, side, roll } = foreseenRegion({ box, points });
    expect(side).toBeCloseTo(160.5);
    expect(centre.x).toBeCloseTo(150);
    expect(centre.y).toBeCloseTo(238);
    expect(roll).toBe(0);
  });

  it('is above it as the face is turned', () => {
    // Turned clockwise by a quarter, the face has its left eye below the right one and its top to the right.
    const points = [
      { x: 160, y: 220 },
      { x: 160, y: 260 },
    ];
    const { centre, roll } = foreseenRegion({ box, points });
    expect(roll).toBeCloseTo(Math.PI / 2);
    expect(centre.x).toBeCloseTo(152);
    expect(centre.y).toBeCloseTo(240);
  });
});

describe('featureDistance', () => {
  it('is a mean in distances between the outer eye corners', () => {
    expect(featureDistance(mesh(), moved(0))).toBe(0);
    expect(featureDistance(mesh(), moved(7))).toBeCloseTo(0.07);
    const oneMoved = FEATURES.with(2, { x: 200, y: 350 });
    expect(featureDistance(mesh(), { points: oneMoved })).toBeCloseTo(0.1);
  });
});

describe('confirms', () => {
  it('a fit that asks for the region which it was made in, with the features of the detector', () => {
    expect(confirms(mesh(), OWN, moved(0))).toBe(true);
    expect(confirms(mesh(), { centre: { x: 204, y: 297 }, side: 190, roll: -0.05 }, moved(7))).toBe(true);
  });

  it.each<[string, Partial<Region>, number]>([
    ['a larger region', { side: 196 }, 0],
    ['a smaller region', { side: 165 }, 0],
    ['a region aside', { centre: { x: 206, y: 300 } }, 0],
    ['a turned region', { roll: 0.07 }, 0],
    ['a region upside down', { roll: Math.PI }, 0],
    ['features elsewhere', {}, 9],
  ])('not one made in or for %s', (_, change, pixels) => {
    expect(confirms(mesh(), { ...OWN, ...change }, moved(pixels))).toBe(false);
  });

  it('across the border of the angles', () => {
    // Upside down: the mesh turned by half a turn about its centre, its roll just below π, the region's just above -π.
    const { points, depths, presence } = mesh();
    const turned = (places: readonly Point[]): Point[] => places.map(({ x, y }) => ({ x: 400 - x, y: 600 - y }));
    const upsideDown = { points: turned(points), depths, presence };
    expect(confirms(upsideDown, { ...OWN, roll: -Math.PI + 0.03 }, { points: turned(FEATURES) })).toBe(true);
  });
});
