/**
 * How near the points of our faces lie to dlib's, and the crops made from them.
 *   npx tsx bench/landmarks.ts DATA    where DATA holds adience/aligned and utkface/images
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alignmentMatrix } from '../src/faces/align.js';
import type { Face, Point } from '../src/faces/face.js';
import { openFaceFinder } from '../src/faces/finder.node.js';
import { decodePicture } from '../src/images/decode.node.js';
import { inverse } from '../src/images/warp.js';
import type { Affine } from '../src/images/warp.js';

const PARTS: Record<string, readonly [first: number, end: number]> = {
  jaw: [0, 17],
  brows: [17, 27],
  nose: [27, 36],
  eyes: [36, 48],
  mouth: [48, 68],
};
const CROP = 227;

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const place = ([a, b, c, d, e, f]: Affine, { x, y }: Point): Point => ({ x: a * x + b * y + c, y: d * x + e * y + f });

/** Mean way in pixels between where two matrices put the same part of the picture, over the crop. */
function cropDistance(ours: Affine, theirs: Affine): number {
  const back = inverse(ours);
  const steps = Array.from({ length: 9 }, (_, step) => (step * (CROP - 1)) / 8);
  const grid = steps.flatMap((y) => steps.map((x) => ({ x, y })));
  return mean(grid.map((point) => distance(point, place(theirs, place(back, point)))));
}

async function measure(data: string, dlib: Record<string, number[] | null>, set: string): Promise<void> {
  const finder = await openFaceFinder();
  const files = Object.keys(dlib).filter((file) => file.startsWith(set));
  let found = 0;
  const errors: number[][] = [];
  const crops: number[] = [];
  for (const file of files) {
    const [face]: (Face | undefined)[] = await finder.find(await decodePicture(join(data, file)));
    if (face === undefined) continue;
    found++;
    const flat = dlib[file];
    if (!flat) continue;
    const theirs = face.landmarks.map((_, index) => ({ x: flat[2 * index]!, y: flat[2 * index + 1]! }));
    const eyes = distance(theirs[36]!, theirs[45]!);
    errors.push(face.landmarks.map((point, index) => (100 * distance(point, theirs[index]!)) / eyes));
    crops.push(cropDistance(alignmentMatrix(face.landmarks), alignmentMatrix(theirs)));
  }
  await finder.dispose();
  const share = (count: number): string => `${((100 * count) / files.length).toFixed(1)} %`;
  console.log(`${set}: ${files.length} pictures, found by us ${share(found)}, by dlib ${share(errors.length)} and us`);
  console.log('  median distance of points from dlib, % of the distance between the outer eye corners:');
  for (const [part, [first, end]] of Object.entries(PARTS)) {
    const indices = Array.from({ length: end - first }, (_, index) => first + index);
    console.log(`    ${part.padEnd(6)} ${mean(indices.map((index) => median(errors.map((row) => row[index]!)))).toFixed(2)}`);
  }
  console.log(`    36, 45, 33: ${[36, 45, 33].map((index) => median(errors.map((row) => row[index]!)).toFixed(2)).join(', ')}`);
  console.log(`  crops of ${CROP} pixels lie apart by a median of ${median(crops).toFixed(2)} pixels`);
}

const [data] = process.argv.slice(2);
if (data === undefined) throw new Error('give the folder that holds adience/aligned and utkface/images');
const reference = new URL('../test/reference/dlib-points.json', import.meta.url);
const dlib = JSON.parse(await readFile(reference, 'utf8')) as Record<string, number[] | null>;
for (const set of ['adience', 'utkface']) await measure(data, dlib, set);
