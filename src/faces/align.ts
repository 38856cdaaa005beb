import { ALIGNMENT_TEMPLATES } from '../base/alignment.js';
import type { AlignmentTemplate } from '../base/alignment.js';
import { ConfigError, ShapeError } from '../base/errors.js';
import type { Picture } from '../images/picture.js';
import { warp } from '../images/warp.js';
import type { Affine } from '../images/warp.js';
import type { Point } from './face.js';

export { ALIGNMENT_TEMPLATES };
export type { AlignmentTemplate };

export interface AlignOptions {
  /** Width and height of the result in pixels. Default: 227, as the report's. */
  readonly size?: number;
  /**
   * Which points are brought onto their places. With three points, `outer-eyes-and-nose` (the default, as the report has
   * it) and `inner-eyes-and-bottom-lip`, the face is turned, scaled, squeezed and sheared until they lie there exactly;
   * `similarity` only turns and scales it, so that the six points of both lie as near as they can to those of a face
   * that keeps its proportions.
   */
  readonly template?: AlignmentTemplate;
  /** How much more is seen on each side, as a fraction of the size. Default: 0. */
  readonly margin?: number;
  /** Whether pixels are averaged where the face becomes much smaller. Default: false, as in the report. */
  readonly antialias?: boolean;
}

/**
 * Where points of the 68 lie in a square from (0, 0) to (1, 1): the mean face of OpenFace, normalised to its extent in
 * each direction (Amos, Ludwiczuk & Satyanarayanan, "OpenFace: A general-purpose face recognition library with mobile
 * applications", CMU-CS-16-118, 2016). The nine digits are those of its 32-bit numbers.
 */
const MEAN_FACE: Readonly<Record<number, Point>> = {
  36: { x: 0.194157004, y: 0.169266924 },
  45: { x: 0.788859129, y: 0.158171147 },
  33: { x: 0.494950891, y: 0.514441371 },
  39: { x: 0.363784939, y: 0.177946866 },
  42: { x: 0.618963182, y: 0.17277813 },
  57: { x: 0.500203967, y: 0.750584424 },
};

/**
 * The same points of a mean face whose proportions were kept, as a similarity needs it: dlib's face chips (King, "Dlib-ml:
 * a machine learning toolkit", 2009, `get_face_chip_details`), for which the margin is 0.25 by default.
 */
const PROPORTIONED_FACE: Readonly<Record<number, Point>> = {
  36: { x: 0.121737, y: 0.216423 },
  45: { x: 0.858516, y: 0.216423 },
  33: { x: 0.490127, y: 0.628106 },
  39: { x: 0.334606, y: 0.231733 },
  42: { x: 0.645647, y: 0.231733 },
  57: { x: 0.490127, y: 0.909281 },
};

interface Template {
  readonly places: Readonly<Record<number, Point>>;
  /** Which of the 68 points are brought there. */
  readonly points: readonly number[];
}

const TEMPLATES: Readonly<Record<AlignmentTemplate, Template>> = {
  'outer-eyes-and-nose': { places: MEAN_FACE, points: [36, 45, 33] },
  'inner-eyes-and-bottom-lip': { places: MEAN_FACE, points: [39, 42, 57] },
  similarity: { places: PROPORTIONED_FACE, points: [36, 45, 33, 39, 42, 57] },
};

/** Three points flatter than this would be pulled apart into stripes; on a face seen from the front it is about 0.25. */
const LEAST_FLATNESS = 0.01;

/**
 * Cuts a face out, brought into one position: the report's crops, by default. What lies outside the picture is black.
 * @param points the 68 points of the face, in pixels of the picture
 * @throws {ConfigError} when an option makes no sense
 * @throws {ShapeError} when there are not 68 points, or they lie (nearly) on a line or are no numbers
 */
export function alignFace(picture: Picture, points: readonly Point[], options: AlignOptions = {}): Picture {
  const { size = 227, antialias = false } = options;
  return warp(picture, alignmentMatrix(points, options), { width: size, height: size, antialias });
}

/**
 * The matrix by which {@link alignFace} warps: from places in the picture to places in the result.
 * @throws as {@link alignFace}
 */
export function alignmentMatrix(points: readonly Point[], options: AlignOptions = {}): Affine {
  const { size = 227, template = 'outer-eyes-and-nose', margin = 0 } = options;
  requireOptions(size, template, margin);
  if (points.length !== 68) throw new ShapeError(`alignFace: 68 points expected, got ${points.length}`);
  const { places, points: indices } = TEMPLATES[template];
  const from = indices.map((index) => rounded(points[index]!));
  const scale = size / (1 + 2 * margin);
  const to = indices.map((index) => {
    const { x, y } = rounded(places[index]!);
    return rounded({ x: scale * (x + margin), y: scale * (y + margin) });
  });
  const matrix = template === 'similarity' ? similarity(from, to) : throughThreePoints(from, to);
  if (!matrix.every(Number.isFinite) || (template !== 'similarity' && flatness(from) < LEAST_FLATNESS)) {
    const places = from.map(({ x, y }) => `(${x}, ${y})`).join(', ');
    throw new ShapeError(`alignFace: the points ${places} cannot be brought onto the template`);
  }
  return matrix;
}

/** As OpenFace hands points to OpenCV, in 32-bit numbers. */
function rounded({ x, y }: Point): Point {
  return { x: Math.fround(x), y: Math.fround(y) };
}

/** Area of a triangle, compared with the square of its longest side: 0 where the three points lie on a line. */
function flatness(triangle: readonly Point[]): number {
  const [p, q, r] = triangle as [Point, Point, Point];
  const area = Math.abs((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)) / 2;
  const sides = [Math.hypot(q.x - p.x, q.y - p.y), Math.hypot(r.x - q.x, r.y - q.y), Math.hypot(p.x - r.x, p.y - r.y)];
  return area / Math.max(...sides) ** 2;
}

function requireOptions(size: number, template: string, margin: number): void {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new ConfigError(`alignFace: the size must be a whole number from 1 to 4096, got ${size}`);
  }
  if (!Object.hasOwn(TEMPLATES, template)) {
    throw new ConfigError(`alignFace: the template must be one of ${ALIGNMENT_TEMPLATES.join(', ')}, got ${template}`);
  }
  if (!(margin > -0.5 && margin <= 4)) {
    throw new ConfigError(`alignFace: the margin must be above -0.5 and at most 4, got ${margin}`);
  }
}

/** The one affine matrix that maps three points onto three others; not finite when the first three lie on a line. */
function throughThreePoints(from: readonly Point[], to: readonly Point[]): Affine {
  const [p, q, r] = from as [Point, Point, Point];
  const [ux, uy, vx, vy] = [q.x - p.x, q.y - p.y, r.x - p.x, r.y - p.y];
  const determinant = ux * vy - uy * vx;
  const row = (axis: 'x' | 'y'): [number, number, number] => {
    const [start, second, third] = to.map((point) => point[axis]) as [number, number, number];
    const [along, across] = [second - start, third - start];
    const a = (along * vy - across * uy) / determinant;
    const b = (across * ux - along * vx) / determinant;
    return [a, b, start - a * p.x - b * p.y];
  };
  return [...row('x'), ...row('y')];
}

/**
 * Rotation, scale and shift that bring points nearest to others, by least squares and without a reflection (Umeyama,
 * "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991, in two dimensions).
 */
function similarity(from: readonly Point[], to: readonly Point[]): Affine {
  const [middle, target] = [meanOf(from), meanOf(to)];
  let spread = 0;
  let cosine = 0;
  let sine = 0;
  from.forEach((point, index) => {
    const [x, y] = [point.x - middle.x, point.y - middle.y];
    const [u, v] = [to[index]!.x - target.x, to[index]!.y - target.y];
    spread += x * x + y * y;
    cosine += x * u + y * v;
    sine += x * v - y * u;
  });
  const [a, d] = [cosine / spread, sine / spread];
  return [a, -d, target.x - a * middle.x + d * middle.y, d, a, target.y - d * middle.x - a * middle.y];
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
