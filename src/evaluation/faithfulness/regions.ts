/** How much of a map lies on parts of a face. */
import type { Face, Point } from '../../faces/face.js';

/** The pixels of a square picture that belong to a region: 1, and 0 for the others. */
export type Mask = Uint8Array;

/** Of the 68 points: those around each eye, and the outer corners. */
const EYES = [
  [36, 37, 38, 39, 40, 41],
  [42, 43, 44, 45, 46, 47],
];
const OUTER_CORNERS = [36, 45] as const;
/** Radius of the region around an eye, in distances between the outer corners of both. An eye is about 0.3 wide. */
const EYE_RADIUS = 0.25;

/** The size of the picture in which a face was found, and that of the square to which a network squashes it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly imageSize: number;
}

/** Where a face is: within the convex hull of its 468 points, from the hairline to the chin. */
export function faceMask({ points }: Pick<Face, 'points'>, frame: Frame): Mask {
  const hull = convexHull(points);
  return maskOf(frame, (place) => isInside(place, hull));
}

/**
 * Where the eyes are, with lids, brows' lower edge, bags and crow's feet: two discs around the middle of each eye's six
 * points, with a radius of a quarter of the distance between the outer corners of both.
 * @param landmarks the 68 points
 */
export function eyeMask({ landmarks }: Pick<Face, 'landmarks'>, frame: Frame): Mask {
  const [right, left] = OUTER_CORNERS.map((index) => landmarks[index]!) as [Point, Point];
  const radius = EYE_RADIUS * Math.hypot(left.x - right.x, left.y - right.y);
  const centres = EYES.map((eye) => {
    const sum = eye.reduce((total, index) => ({ x: total.x + landmarks[index]!.x, y: total.y + landmarks[index]!.y }), {
      x: 0,
      y: 0,
    });
    return { x: sum.x / eye.length, y: sum.y / eye.length };
  });
  return maskOf(frame, ({ x, y }) => centres.some((centre) => Math.hypot(x - centre.x, y - centre.y) <= radius));
}

/** Share of the sum of a map that lies in a region, 0..1; null for an empty map. */
export function massShare(map: Float32Array, mask: Mask): number | null {
  let inside = 0;
  let all = 0;
  map.forEach((value, pixel) => {
    all += value;
    inside += value * mask[pixel]!;
  });
  return all > 0 ? inside / all : null;
}

/** Share of the pixels that lie in a region: what the mass of a map without any preference would be. */
export function areaShare(mask: Mask): number {
  return mask.reduce((sum, value) => sum + value, 0) / mask.length;
}

/** The convex hull of points, counter-clockwise where y goes up (Andrew's monotone chain, 1979). */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y);
  const chain = (ordered: readonly Point[]): Point[] => {
    const kept: Point[] = [];
    for (const point of ordered) {
      while (kept.length > 1 && turn(kept.at(-2)!, kept.at(-1)!, point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.toReversed())];
}

function isInside(place: Point, hull: readonly Point[]): boolean {
  return hull.every((corner, index) => turn(corner, hull[(index + 1) % hull.length]!, place) >= 0);
}

/** Above 0 where the way from a over b to c turns as the hull does. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** Asks for the centre of each pixel of the square where it lies in the picture. */
function maskOf({ width, height, imageSize }: Frame, contains: (place: Point) => boolean): Mask {
  return Uint8Array.from({ length: imageSize ** 2 }, (_, pixel) => {
    const x = (((pixel % imageSize) + 0.5) * width) / imageSize - 0.5;
    const y = ((Math.floor(pixel / imageSize) + 0.5) * height) / imageSize - 0.5;
    return contains({ x, y }) ? 1 : 0;
  });
}
