/**
 * Fits the table of src/faces/landmarks.ts: from which point of our mesh each of dlib's 68 points is taken, and how far
 * from there it lies. Prints the table, and how far both tables lie from dlib's points.
 *   npx tsx bench/fit-landmarks.ts FOLDER [POINTS]
 * where POINTS, by default test/reference/dlib-points.json, holds for each picture below FOLDER the 68 points that dlib
 * finds, x and y in turn, or null; test/reference/dlib-points.js makes such a file.
 *
 * Everything is measured along the line from the right eye to the left one and down from it, in distances between the
 * outer corners of the eyes. A face and its mirror image count both, so that the table is the same left and right. Of all
 * points of the mesh around it the one is taken that, moved by the median way to dlib's point, lies nearest to it (in the
 * median).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Face, Point } from '../src/faces/face.js';
import { openFaceFinder } from '../src/faces/finder.node.js';
import { MESH_POINTS } from '../src/faces/mesh.js';
import { eyeDistance, meshRoll } from '../src/faces/mesh-geometry.js';
import { decodePicture } from '../src/images/decode.node.js';

/** The other side of each of the 68 points. */
const MIRRORED = [
  ...[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  ...[26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31],
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],
  ...[54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65],
];
const PARTS = { jaw: [0, 17], brows: [17, 27], nose: [27, 36], eyes: [36, 48], mouth: [48, 68] } as const;
/** Mean way between our points and dlib's, in eye distances, above which they are not of the same face. */
const OTHER_FACE = 0.3;

/** How far a point may lie from that of the mesh, in eye distances: one farther off goes astray when the head turns. */
const FARTHEST = 0.1;

/** A face in the coordinates of its eyes: our mesh, our 68 points, and dlib's. */
interface Example {
  readonly mesh: readonly Point[];
  readonly ours: readonly Point[];
  readonly theirs: readonly Point[];
}

type Place = readonly [meshPoint: number, along: number, down: number];

const median = (values: Float64Array): number => values.sort()[values.length >> 1]!;
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const meanDistance = (a: readonly Point[], b: readonly Point[]): number =>
  a.reduce((sum, point, index) => sum + distance(point, b[index]!), 0) / a.length;

function exampleOf(face: Face, flat: readonly number[]): Example {
  const mesh = { points: face.points, depths: [], presence: face.presence };
  const [unit, roll] = [eyeDistance(mesh), meshRoll(mesh)];
  const [cosine, sine] = [Math.cos(roll) / unit, Math.sin(roll) / unit];
  const origin = face.points[33]!;
  const turned = ({ x, y }: Point): Point => {
    const [right, below] = [x - origin.x, y - origin.y];
    // The middle between the eyes is at 0, so that a mirror image has x negated.
    return { x: right * cosine + below * sine - 0.5, y: below * cosine - right * sine };
  };
  const theirs = face.landmarks.map((_, index) => ({ x: flat[2 * index]!, y: flat[2 * index + 1]! }));
  return { mesh: face.points.map(turned), ours: face.landmarks.map(turned), theirs: theirs.map(turned) };
}

/** The point of the mesh on the other side of each: that which lies nearest to its mirror image in the mean face. */
function mirroredMesh(examples: readonly Example[]): number[] {
  const indices = Array.from({ length: MESH_POINTS }, (_, index) => index);
  const mean = indices.map((index) => ({
    x: examples.reduce((sum, { mesh }) => sum + mesh[index]!.x, 0) / examples.length,
    y: examples.reduce((sum, { mesh }) => sum + mesh[index]!.y, 0) / examples.length,
  }));
  return mean.map(({ x, y }) =>
    indices.reduce((best, index) => (distance(mean[index]!, { x: -x, y }) < distance(mean[best]!, { x: -x, y }) ? index : best)),
  );
}

function fit(examples: readonly Example[], landmark: number, mirrored: readonly number[]): Place {
  let best: Place = [0, 0, 0];
  let least = Infinity;
  const central = MIRRORED[landmark] === landmark;
  for (const meshPoint of mirrored.keys()) {
    if (central && mirrored[meshPoint] !== meshPoint) continue;
    const ways = examples.flatMap(({ mesh, theirs }) => {
      const [here, there] = [theirs[landmark]!, theirs[MIRRORED[landmark]!]!];
      const [from, across] = [mesh[meshPoint]!, mesh[mirrored[meshPoint]!]!];
      return [
        { x: here.x - from.x, y: here.y - from.y },
        { x: across.x - there.x, y: there.y - across.y },
      ];
    });
    const offset = {
      x: central ? 0 : median(Float64Array.from(ways, ({ x }) => x)),
      y: median(Float64Array.from(ways, ({ y }) => y)),
    };
    if (Math.hypot(offset.x, offset.y) > FARTHEST) continue;
    const error = median(Float64Array.from(ways, (way) => distance(way, offset)));
    if (error >= least) continue;
    least = error;
    best = [meshPoint, offset.x, offset.y];
  }
  return best;
}

/** The places of all 68 points; those on the left side are the mirror images of those on the right. */
function fitAll(examples: readonly Example[]): Place[] {
  const mirrored = mirroredMesh(examples);
  const right = MIRRORED.map((other, landmark) => (landmark <= other ? fit(examples, landmark, mirrored) : undefined));
  return right.map((place, landmark) => {
    if (place !== undefined) return place;
    const [meshPoint, along, down] = right[MIRRORED[landmark]!]!;
    return [mirrored[meshPoint]!, -along, down];
  });
}

function placed(places: readonly Place[], mesh: readonly Point[]): Point[] {
  return places.map(([index, along, down]) => ({ x: mesh[index]!.x + along, y: mesh[index]!.y + down }));
}

/** Median distance of each part from dlib's points, in per cent of the distance between the outer eye corners. */
function errors(examples: readonly Example[], pointsOf: (example: Example) => readonly Point[]): string {
  const all = examples.map((example) => pointsOf(example).map((point, index) => 100 * distance(point, example.theirs[index]!)));
  const ofPoint = MIRRORED.map((_, index) => median(Float64Array.from(all, (row) => row[index]!)));
  return Object.entries(PARTS)
    .map(([name, [first, end]]) => {
      const part = ofPoint.slice(first, end);
      return `${name} ${(part.reduce((sum, value) => sum + value, 0) / part.length).toFixed(2)}`;
    })
    .join(', ');
}

async function readExamples(folder: string, points: Record<string, readonly number[] | null>): Promise<Example[]> {
  const finder = await openFaceFinder();
  const examples: Example[] = [];
  for (const [file, flat] of Object.entries(points)) {
    if (flat === null) continue;
    const faces = await finder.find(await decodePicture(join(folder, file)));
    const same = faces.map((face) => exampleOf(face, flat)).find(({ ours, theirs }) => meanDistance(ours, theirs) < OTHER_FACE);
    if (same !== undefined) examples.push(same);
  }
  await finder.dispose();
  return examples;
}

const [folder, file = new URL('../test/reference/dlib-points.json', import.meta.url)] = process.argv.slice(2);
if (folder === undefined) throw new Error('give the folder of the pictures');
const examples = await readExamples(folder, JSON.parse(await readFile(file, 'utf8')) as Record<string, readonly number[] | null>);
const places = fitAll(examples);
for (const [landmark, [meshPoint, along, down]] of places.entries()) {
  // A zero has no sign.
  const [a, d] = [along, down].map((value) => Number(value.toFixed(3)) + 0);
  console.log(`${String(landmark).padStart(2)}  [${meshPoint}, ${a!}, ${d!}]`);
}
console.log(`${examples.length} faces; distance from dlib, % of the distance between the outer eye corners:`);
console.log(`  table of the source: ${errors(examples, ({ ours }) => ours)}`);
console.log(`  this table:          ${errors(examples, ({ mesh }) => placed(places, mesh))}`);
const apart = examples.flatMap(({ mesh, ours }) => placed(places, mesh).map((point, index) => 100 * distance(point, ours[index]!)));
console.log(`  the two lie apart by a median of ${median(Float64Array.from(apart)).toFixed(2)}`);
const halves = [0, 1].map((half) => examples.filter((_, index) => index % 2 === half));
const ofOther = halves.map((half, index) => [half, fitAll(halves[1 - index]!)] as const);
for (const [half, others] of ofOther) {
  console.log(`  fitted on one half, measured on the other: ${errors(half, ({ mesh }) => placed(others, mesh))}`);
}
