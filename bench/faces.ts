/**
 * How many faces are found, and with points in the right place, when pictures are turned, shrunk, blurred or made grey.
 *   npx tsx bench/faces.ts FOLDER [COUNT]
 * takes COUNT pictures (default: 100) of a folder of photos with one upright face each, those whose names have the
 * smallest SHA-1. Right means: eyes, nose, chin and forehead lie within a mean of 15 % of the distance between the outer
 * eye corners of where they lie in the picture as it is.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { findPictures } from '../src/data/folder.js';
import type { Face, Point } from '../src/faces/face.js';
import { openFaceFinder } from '../src/faces/finder.node.js';
import { decodePicture } from '../src/images/decode.node.js';
import type { Picture } from '../src/images/picture.js';

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

async function pixels(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

const open = ({ data, width, height }: Picture): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

function turned(angle: number): Variant {
  return async (original) => {
    const picture = await pixels(open(original).rotate(angle, { background: '#000' }));
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
function shrunk(part: number): Variant {
  return async (original, { quality }) => {
    const width = Math.round((original.width * part * FRAME) / quality.size);
    const height = Math.round((original.height * width) / original.width);
    const small = await open(original).resize(width, height).png().toBuffer();
    const [left, top] = [(FRAME - width) >> 1, (FRAME - height) >> 1];
    const frame = sharp({ create: { width: FRAME, height: FRAME, channels: 3, background: '#888' } });
    const picture = await pixels(sharp(await frame.composite([{ input: small, left, top }]).png().toBuffer()));
    const scale = width / original.width;
    return { picture, place: ({ x, y }) => ({ x: (x + 0.5) * scale - 0.5 + left, y: (y + 0.5) * scale - 0.5 + top }) };
  };
}

const inPlace =
  (change: (image: Sharp) => Sharp): Variant =>
  async (original) => {
    const png = await change(open(original)).png().toBuffer();
    return { picture: await pixels(sharp(png)), place: (point) => point };
  };

const VARIANTS: Record<string, Variant> = {
  ...Object.fromEntries([30, 45, 60, 90, 135, 180, 270].map((angle) => [`turned by ${angle}°`, turned(angle)])),
  'face 5 % of the frame': shrunk(0.05),
  'face 3 % of the frame': shrunk(0.03),
  'blurred, sigma 4 pixels': inPlace((image) => image.blur(4)),
  grey: inPlace((image) => image.greyscale()),
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
