import { describe, expect, it } from 'vitest';
import type { Point } from './face.js';
import type { Mesh } from './mesh.js';
import { eyeDistance, headPose, meshFeatures, meshRegion, meshRoll } from './mesh-geometry.js';

/** A mesh of which four points are set and the others lie between the eyes. */
function mesh(right: Point, left: Point, depths: Record<number, number> = {}): Mesh {
  const middle = { x: (right.x + left.x) / 2, y: (right.y + left.y) / 2 };
  const points = Array<Point>(468).fill(middle).with(33, right).with(263, left);
  points[10] = { x: middle.x, y: middle.y - 30 };
  points[152] = { x: middle.x, y: middle.y + 50 };
  return { points, depths: points.map((_, index) => depths[index] ?? 0), presence: 1 };
}

const UPRIGHT = mesh({ x: 100, y: 50 }, { x: 160, y: 50 });

it('eyeDistance is that of the outer corners', () => {
  expect(eyeDistance(mesh({ x: 0, y: 0 }, { x: 3, y: 4 }))).toBe(5);
});

it('meshRoll counts clockwise', () => {
  expect(meshRoll(UPRIGHT)).toBe(0);
  expect(meshRoll(mesh({ x: 0, y: 0 }, { x: 1, y: 1 }))).toBeCloseTo(Math.PI / 4);
  expect(Math.abs(meshRoll(mesh({ x: 1, y: 0 }, { x: 0, y: 0 })))).toBeCloseTo(Math.PI);
});

describe('meshRegion', () => {
  it('is centred on the points and as large as their longer extent', () => {
    expect(meshRegion(UPRIGHT, 1.5)).toEqual({ centre: { x: 130, y: 60 }, side: 120, roll: 0 });
  });

  it('turns with the face', () => {
    const turned = UPRIGHT.points.map(({ x, y }) => ({ x: -y, y: x }));
    const region = meshRegion({ points: turned }, 1);
    expect(region.roll).toBeCloseTo(Math.PI / 2);
    expect(region.side).toBeCloseTo(80);
    expect(region.centre.x).toBeCloseTo(-60);
    expect(region.centre.y).toBeCloseTo(130);
  });
});

it('meshFeatures are the middles of eyes and mouth, and the tip of the nose', () => {
  const points = [...UPRIGHT.points];
  points[133] = { x: 120, y: 54 };
  points[362] = { x: 140, y: 54 };
  points[4] = { x: 130, y: 70 };
  points[13] = { x: 128, y: 84 };
  points[14] = { x: 132, y: 88 };
  expect(meshFeatures({ points })).toEqual([
    { x: 110, y: 52 },
    { x: 150, y: 52 },
    { x: 130, y: 70 },
    { x: 130, y: 86 },
  ]);
});

describe('headPose', () => {
  it('is 45° to its own left when the left eye is as much farther as it is aside', () => {
    expect(headPose(mesh({ x: 0, y: 0 }, { x: 40, y: 0 }, { 263: 40 })).yaw).toBeCloseTo(45);
  });

  it('is down when the chin is farther than the forehead', () => {
    const straight = headPose(UPRIGHT).pitch;
    expect(headPose(mesh({ x: 100, y: 50 }, { x: 160, y: 50 }, { 152: 80 })).pitch - straight).toBeCloseTo(45);
  });
});
