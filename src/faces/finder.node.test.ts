import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { gallery, pictureOf, PORTRAIT, PORTRAIT_SIZE } from '../../test/support/portrait.js';
import type { Face, Point } from './face.js';
import type { FaceFinder } from './finder.js';
import { detectFaces, openFaceFinder } from './finder.node.js';

let finder: FaceFinder;
let upright: Face;
beforeAll(async () => {
  finder = await openFaceFinder();
  [upright] = (await finder.find(await pictureOf(sharp(PORTRAIT)))) as [Face];
});
afterAll(() => finder.dispose());

/** Outer eye corners, base of the nose, chin. */
const KEY_POINTS = [36, 45, 33, 8];

/** Mean distance of key points from where they belong, in distances between the eyes; `place` moves the upright ones. */
function error(face: Face | undefined, place: (point: Point) => Point): number {
  const expected = KEY_POINTS.map((index) => place(upright.landmarks[index]!));
  const eyes = Math.hypot(expected[1]!.x - expected[0]!.x, expected[1]!.y - expected[0]!.y);
  const ways = KEY_POINTS.map((index, position) => {
    const { x, y } = face?.landmarks[index] ?? { x: NaN, y: NaN };
    return Math.hypot(x - expected[position]!.x, y - expected[position]!.y);
  });
  return ways.reduce((sum, way) => sum + way, 0) / KEY_POINTS.length / eyes;
}

describe('the face of the portrait', () => {
  it('has its points where dlib has them', () => {
    // What dlib 19.24 gives for the picture.
    const seen = [
      [85, 91],
      [145, 94],
      [114, 124],
      [110, 168],
    ];
    KEY_POINTS.forEach((index, position) => {
      const { x, y } = upright.landmarks[index]!;
      expect(Math.hypot(x - seen[position]![0]!, y - seen[position]![1]!), String(index)).toBeLessThan(3);
    });
    expect(upright.points).toHaveLength(468);
    expect(upright.landmarks).toHaveLength(68);
  });

  it('looks into the camera, inside the picture', () => {
    expect(Math.abs(upright.roll)).toBeLessThan(6);
    expect(Math.abs(upright.quality.yaw)).toBeLessThan(10);
    expect(Math.abs(upright.quality.pitch)).toBeLessThan(10);
    expect(upright.quality.inside).toBe(1);
    expect(upright.quality.size).toBeGreaterThan(90);
    expect(upright.quality.size).toBeLessThan(110);
  });
});

describe('a face is found', () => {
  it.each([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330])('turned by %i°', async (angle) => {
    const turned = await pictureOf(sharp(PORTRAIT).rotate(angle, { background: '#000' }));
    const [face, ...others] = await finder.find(turned);
    const radians = (angle * Math.PI) / 180;
    const middle = (PORTRAIT_SIZE - 1) / 2;
    const place = ({ x, y }: Point): Point => ({
      x: (x - middle) * Math.cos(radians) - (y - middle) * Math.sin(radians) + (turned.width - 1) / 2,
      y: (x - middle) * Math.sin(radians) + (y - middle) * Math.cos(radians) + (turned.height - 1) / 2,
    });
    expect(error(face, place)).toBeLessThan(0.06);
    const turn = (face!.roll - upright.roll - angle + 900) % 360;
    expect(Math.abs(turn - 180)).toBeLessThan(5);
    expect(others).toEqual([]);
  });

  it.each([
    ['5 %', 110],
    ['3 %', 66],
  ])('at %s of the frame', async (_, size) => {
    const scale = size / PORTRAIT_SIZE;
    const [face] = await finder.find(await pictureOf(await gallery(1000, 700, [{ left: 600, top: 200, size }])));
    const place = ({ x, y }: Point): Point => ({
      x: (x + 0.5) * scale - 0.5 + 600,
      y: (y + 0.5) * scale - 0.5 + 200,
    });
    expect(error(face, place)).toBeLessThan(0.1);
  });

  it('filling the frame', async () => {
    const [left, top] = [72, 66];
    const tight = sharp(PORTRAIT).extract({ left, top, width: 86, height: 96 });
    const [face] = await finder.find(await pictureOf(tight));
    expect(error(face, ({ x, y }) => ({ x: x - left, y: y - top }))).toBeLessThan(0.1);
    expect(face!.quality.inside).toBeLessThan(0.95);
    expect(face!.quality.inside).toBeGreaterThan(0.7);
  });

  it('blurred, and it is said to be', async () => {
    const [face] = await finder.find(await pictureOf(sharp(PORTRAIT).blur(2)));
    expect(error(face, (point) => point)).toBeLessThan(0.06);
    expect(face!.quality.sharpness).toBeLessThan(upright.quality.sharpness / 2);
  });

  it('in grey', async () => {
    const grey = sharp(await sharp(PORTRAIT).greyscale().png().toBuffer()).toColourspace('srgb');
    const [face] = await finder.find(await pictureOf(grey));
    expect(error(face, (point) => point)).toBeLessThan(0.05);
  });
});

describe('several faces', () => {
  it('come largest first', async () => {
    const places = [
      { left: 20, top: 30, size: 150 },
      { left: 300, top: 10, size: 260 },
      { left: 620, top: 40, size: 200 },
    ];
    const faces = await finder.find(await pictureOf(await gallery(900, 300, places)));
    expect(faces.map(({ box }) => Math.round(box.left / 300))).toEqual([1, 2, 0]);
  });
});

describe('several calls at once', () => {
  it('give what each gives alone', async () => {
    const pictures = await Promise.all([0, 90, 20].map((angle) => pictureOf(sharp(PORTRAIT).rotate(angle))));
    const together = await Promise.all(pictures.map((picture) => finder.find(picture)));
    for (const [index, picture] of pictures.entries()) {
      expect(together[index]).toEqual(await finder.find(picture));
    }
  });
});

describe('no face', () => {
  it('is an empty list', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const create = { width: 300, height: 200, channels: 3, background: '#000', noise } as const;
    expect(await finder.find(await pictureOf(sharp({ create })))).toEqual([]);
    expect(await finder.find({ data: new Uint8Array(3), width: 1, height: 1 })).toEqual([]);
  });
});

describe('detectFaces', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('honours EXIF orientation %i', async (orientation) => {
    // The picture as a camera stores it, such that the orientation brings it upright.
    const stored = sharp(PORTRAIT);
    if ([2, 7, 4, 5].includes(orientation)) stored.flop();
    const turns = { 1: 0, 2: 0, 3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90 }[orientation]!;
    const turned = sharp(await stored.png().toBuffer()).rotate(turns);
    const file = join(await temporaryFolder(), 'photo.jpg');
    await turned.jpeg({ quality: 95 }).withMetadata({ orientation }).toFile(file);
    const [face] = await detectFaces(file);
    expect(error(face, (point) => point)).toBeLessThan(0.03);
  });

  it('takes bytes and decoded pictures as well', async () => {
    const [fromBytes] = await detectFaces(await sharp(PORTRAIT).png().toBuffer());
    const [fromPixels] = await detectFaces(await pictureOf(sharp(PORTRAIT)));
    expect(fromBytes!.box).toEqual(fromPixels!.box);
  });
});
