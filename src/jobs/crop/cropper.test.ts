import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { knownFace } from '../../../test/support/faces.js';
import { temporaryFolder } from '../../../test/support/folder.js';
import type { Face } from '../../faces/face.js';
import { decodePicture } from '../../images/decode.node.js';
import { squashPicture } from '../../images/squash.js';
import { fileState } from '../file-state.js';
import { Cropper } from './cropper.js';
import type { CropOptions } from './settings.js';
import { planCrops } from './settings.js';

const ITEM = { file: 'a.png', stem: 'sub/a' };

/** A grey slope of 80 × 60 pixels, as a PNG file. */
async function slope(): Promise<Buffer> {
  const levels = Uint8Array.from({ length: 80 * 60 * 3 }, (_, index) => Math.floor(index / 3) % 80 * 3);
  return await sharp(levels, { raw: { width: 80, height: 60, channels: 3 } }).png().toBuffer();
}

/** A cropper whose pictures have these faces, in a folder with the picture a.png. */
async function cropperOf(faces: readonly Face[], options: Partial<CropOptions> = {}) {
  const root = await temporaryFolder({ 'in/a.png': await slope(), 'in/b.png': 'no picture', 'out/sub/.keep': '' });
  const { settings } = planCrops({ source: 'in', out: 'out', size: 32, format: 'png', ...options });
  const folders = { root: join(root, 'in'), out: join(root, 'out') };
  const finder = { find: () => Promise.resolve(faces) };
  return { cropper: new Cropper(finder, settings, folders), ...folders };
}

const LARGE = knownFace({ x: 40, y: 30 }, 20);
const SMALL = knownFace({ x: 15, y: 20 }, 8);

describe('Cropper', () => {
  it('writes the largest face and says what it is like', async () => {
    const { cropper, root, out } = await cropperOf([LARGE, SMALL]);
    const record = await cropper.crop(ITEM);
    const bytes = await readFile(join(out, 'sub/a.png'));
    expect(record).toMatchObject({ ...ITEM, state: await fileState(join(root, 'a.png')), faces: 2 });
    expect(record.crops).toHaveLength(1);
    expect(record.crops[0]).toMatchObject({ crop: 'sub/a.png', bytes: bytes.length, fallback: '', reason: '' });
    expect(record.crops[0]!.face).toMatchObject({ left: 20, top: 10, width: 40, height: 40, score: 0.9, size: 40 });
    const points = record.crops[0]!.face!.points.split(' ');
    expect(points).toHaveLength(68);
    expect([points[0], points[17]]).toEqual(['60,30', '40,50']);
    expect(await decodePicture(bytes)).toMatchObject({ width: 32, height: 32 });
  });

  it('writes every face when asked to, the largest first', async () => {
    const { cropper, out } = await cropperOf([LARGE, SMALL], { allFaces: true });
    const { crops } = await cropper.crop(ITEM);
    expect(crops.map(({ crop, face }) => [crop, face?.size])).toEqual([
      ['sub/a-1.png', 40],
      ['sub/a-2.png', 16],
    ]);
    expect((await readdir(join(out, 'sub'))).sort()).toEqual(['.keep', 'a-1.png', 'a-2.png']);
  });

  it('does not count faces that are too small', async () => {
    const { cropper } = await cropperOf([LARGE, SMALL], { minSize: 16.5, allFaces: true });
    expect(await cropper.crop(ITEM)).toMatchObject({ faces: 1, crops: [{ crop: 'sub/a-1.png' }] });
    const strict = await cropperOf([LARGE, SMALL], { minSize: 41, noFace: 'skip' });
    expect(await strict.cropper.crop(ITEM)).toMatchObject({
      faces: 0,
      crops: [{ crop: '', bytes: 0, fallback: 'skipped', reason: 'no face of at least 41 pixels' }],
    });
  });

  it('keeps a picture without a face whole, squashed to the size', async () => {
    const { cropper, root, out } = await cropperOf([]);
    const { faces, crops } = await cropper.crop(ITEM);
    expect(faces).toBe(0);
    expect(crops).toMatchObject([{ crop: 'sub/a.png', fallback: 'whole picture', reason: 'no face' }]);
    const whole = squashPicture(await decodePicture(join(root, 'a.png')), 32, 32);
    expect((await decodePicture(join(out, 'sub/a.png'))).data).toEqual(new Uint8Array(whole.data));
    const all = await cropperOf([], { allFaces: true });
    expect((await all.cropper.crop(ITEM)).crops[0]!.crop).toBe('sub/a-0.png');
  });

  it('leaves a picture without a face out when asked to', async () => {
    const { cropper, out } = await cropperOf([], { noFace: 'skip' });
    expect((await cropper.crop(ITEM)).crops).toEqual([{ crop: '', bytes: 0, fallback: 'skipped', reason: 'no face' }]);
    expect(await readdir(join(out, 'sub'))).toEqual(['.keep']);
  });

  it('has a record for pictures that cannot be read', async () => {
    const { cropper } = await cropperOf([LARGE]);
    const broken = await cropper.crop({ file: 'b.png', stem: 'b' });
    expect(broken.faces).toBeUndefined();
    expect(broken.crops[0]!.reason).toMatch(/^unreadable: not a picture that can be read/);
    const missing = await cropper.crop({ file: 'c\0.png', stem: 'c' });
    expect(missing).toMatchObject({ state: 'none', crops: [{ crop: '', reason: 'unreadable: not found' }] });
  });

  it('fails when a crop cannot be written', async () => {
    const { cropper } = await cropperOf([LARGE]);
    await expect(cropper.crop({ file: 'a.png', stem: 'none/a' })).rejects.toThrow(/cannot be written: no such file or folder/);
  });
});

it('fileState changes with the size and the time of a file', async () => {
  const root = await temporaryFolder({ a: 'x', b: 'xy' });
  const time = new Date(1e12);
  const states = [];
  for (const [name, seconds] of [['a', 0], ['b', 0], ['a', 1]] as const) {
    await utimes(join(root, name), time, new Date(1e12 + seconds * 1000));
    states.push(await fileState(join(root, name)));
  }
  expect(new Set(states).size).toBe(3);
  expect(await fileState(root)).toBe('none');
});
