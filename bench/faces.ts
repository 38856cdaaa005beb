/**
 * How many faces are found, and with points in the right place, when pictures are turned, shrunk, blurred or made grey.
 *   npx tsx bench/faces.ts FOLDER [COUNT]
 * takes COUNT pictures (default: 100) of a folder of photos with one upright face each, those whose names have the
 * smallest SHA-1. Right means: eyes, nose, chin and forehead lie within a mean of 15 % of the distance between the outer
 * eye corners of where they lie in the picture as it is.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { findPictures } from '../src/data/folder.js';
import type { Face, Point } from '../src/faces/face.js';
import { openFaceFinder } from '../src/faces/finder.node.js';
import { decodePicture } from '../src/images/decode.node.js';
import type { Picture } from '../src/images/picture.js';
import { blurred, framed, grey, turned } from './picture-changes.js';

/** Points of the mesh: outer eye corners, base of the nose, chin, forehead. */
const KEY_POINTS = [33, 263, 2, 152, 10];
const RIGHT = 0.15;
/** Width and height of the picture into which a face is shrunk. */
const FRAME = 1000;

/** A changed picture, and where a place of the original comes to lie in it. */
interface Change {
  picture: Picture;
  place: (point: Point) => Point;
}
type Variant = (original: Picture, face: Face) => Promise<Change>;

function turnedBy(angle: number): Variant {
  return async (original) => {
    const picture = await turned(original, angle);
    const radians = (angle * Math.PI) / 180;
    const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
    const place = ({ x, y }: Point): Point => {
      const [right, down] = [x - (original.width - 1) / 2, y - (original.height - 1) / 2];
      return {
        x: right * cosine - down * sine + (picture.width - 1) / 2,
        y: right * sine + down * cosine + (picture.height - 1) / 2,
      };
    };
    return { picture, place };
  };
}

/** The face covers this part of the frame's side. */
function shrunkTo(part: number): Variant {
  return async (original, { quality }) => {
    const scale = (part * FRAME) / quality.size;
    const side = Math.round(Math.max(original.width, original.height) * scale);
    const { picture, left, top } = await framed(original, side, FRAME);
    return { picture, place: ({ x, y }) => ({ x: (x + 0.5) * scale - 0.5 + left, y: (y + 0.5) * scale - 0.5 + top }) };
  };
}

const inPlace =
  (change: (picture: Picture) => Promise<Picture>): Variant =>
  async (original) => ({ picture: await change(original), place: (point) => point });

const VARIANTS: Record<string, Variant> = {
  ...Object.fromEntries([30, 45, 60, 90, 135, 180, 270].map((angle) => [`turned by ${angle}°`, turnedBy(angle)])),
  'face 5 % of the frame': shrunkTo(0.05),
  'face 3 % of the frame': shrunkTo(0.03),
  'blurred, sigma 4 pixels': inPlace((picture) => blurred(picture, 4)),
  grey: inPlace(grey),
};

function isRight(found: Face | undefined, original: Face, place: (point: Point) => Point): boolean {
  if (found === undefined) return false;
  const expected = KEY_POINTS.map((index) => place(original.points[index]!));
  const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
  const ways = KEY_POINTS.map((index, position) => distance(found.points[index]!, expected[position]!));
  const mean = ways.reduce((sum, way) => sum + way, 0) / ways.length;
  return mean < RIGHT * distance(expected[0]!, expected[1]!);
}

const [folder, count = '100'] = process.argv.slice(2);
if (folder === undefined) throw new Error('give a folder of photos');
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
const files = (await findPictures(folder, folder, []))
  .sort((a, b) => (sha1(basename(a)) < sha1(basename(b)) ? -1 : 1))
  .slice(0, Number(count));
const finder = await openFaceFinder();
const originals: { picture: Picture; face: Face }[] = [];
for (const file of files) {
  const picture = await decodePicture(file);
  const [face] = await finder.find(picture);
  if (face !== undefined) originals.push({ picture, face });
}
const percent = (part: number, of: number): string => ((100 * part) / of).toFixed(1).padStart(6);
console.log(`as it is${percent(originals.length, files.length).padStart(27)} % of ${files.length} found`);
for (const [name, vary] of Object.entries(VARIANTS)) {
  let [found, right] = [0, 0];
  for (const { picture, face } of originals) {
    const change = await vary(picture, face);
    const [seen] = await finder.find(change.picture);
    if (seen !== undefined) found++;
    if (isRight(seen, face, change.place)) right++;
  }
  const total = originals.length;
  console.log(`${name.padEnd(28)} ${percent(found, total)} % found, ${percent(right, total)} % with the points right`);
}
await finder.dispose();
