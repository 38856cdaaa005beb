/** What follows from the places of a mesh's points. The numbers of the points are those of MediaPipe's face model. */
import type { Point } from './face.js';
import type { Mesh } from './mesh.js';
import type { Region } from './region.js';

const RIGHT_EYE_OUTER = 33;
const LEFT_EYE_OUTER = 263;
const FOREHEAD_TOP = 10;
const CHIN = 152;
const RIGHT_EYE_INNER = 133;
const LEFT_EYE_INNER = 362;
const NOSE_TIP = 4;
const UPPER_LIP = 13;
const LOWER_LIP = 14;
/** What the slope from forehead to chin comes to when a head is level: the median of 580 photos, in degrees. */
const LEVEL_PITCH = 8;

/** Distance between the outer corners of the eyes, in pixels of the picture. */
export function eyeDistance({ points }: Mesh): number {
  const [right, left] = eyeCorners(points);
  return Math.hypot(left.x - right.x, left.y - right.y);
}

/** Radians by which the line from the right eye to the left one is turned clockwise in the picture; 0 is upright. */
export function meshRoll({ points }: Pick<Mesh, 'points'>): number {
  const [right, left] = eyeCorners(points);
  return Math.atan2(left.y - right.y, left.x - right.x);
}

/** The square around a mesh, turned as the mesh is, with `margin` times the longer side of its points. */
export function meshRegion(mesh: Pick<Mesh, 'points'>, margin: number): Region {
  const roll = meshRoll(mesh);
  const cosine = Math.cos(roll);
  const sine = Math.sin(roll);
  const along = extent(mesh.points, ({ x, y }) => x * cosine + y * sine);
  const across = extent(mesh.points, ({ x, y }) => y * cosine - x * sine);
  const centre = {
    x: along.middle * cosine - across.middle * sine,
    y: along.middle * sine + across.middle * cosine,
  };
  return { centre, side: margin * Math.max(along.length, across.length), roll };
}

/** Middle of the right eye, of the left one, tip of the nose and middle of the mouth: the first points of a detection. */
export function meshFeatures({ points }: Pick<Mesh, 'points'>): Point[] {
  const between = (first: number, second: number): Point => ({
    x: (points[first]!.x + points[second]!.x) / 2,
    y: (points[first]!.y + points[second]!.y) / 2,
  });
  return [
    between(RIGHT_EYE_OUTER, RIGHT_EYE_INNER),
    between(LEFT_EYE_OUTER, LEFT_EYE_INNER),
    points[NOSE_TIP]!,
    between(UPPER_LIP, LOWER_LIP),
  ];
}

/** Where the head looks, in degrees: yaw above 0 to its own left, pitch above 0 down. */
export function headPose({ points, depths }: Mesh): { yaw: number; pitch: number } {
  return {
    yaw: slope(points[RIGHT_EYE_OUTER]!, points[LEFT_EYE_OUTER]!, depths[LEFT_EYE_OUTER]! - depths[RIGHT_EYE_OUTER]!),
    pitch: slope(points[FOREHEAD_TOP]!, points[CHIN]!, depths[CHIN]! - depths[FOREHEAD_TOP]!) - LEVEL_PITCH,
  };
}

function eyeCorners(points: readonly Point[]): [right: Point, left: Point] {
  return [points[RIGHT_EYE_OUTER]!, points[LEFT_EYE_OUTER]!];
}

/** Degrees by which the way from one point to another leads away from the camera. */
function slope(from: Point, to: Point, depth: number): number {
  return (Math.atan2(depth, Math.hypot(to.x - from.x, to.y - from.y)) * 180) / Math.PI;
}

function extent(points: readonly Point[], place: (point: Point) => number): { middle: number; length: number } {
  let first = Infinity;
  let last = -Infinity;
  for (const point of points) {
    const at = place(point);
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return { middle: (first + last) / 2, length: last - first };
}
