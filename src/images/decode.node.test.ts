import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Sharp, SharpOptions } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { PORTRAIT } from '../../test/support/portrait.js';
import { ConfigError, PictureError } from '../base/errors.js';
import { checkPictureHeader, decodePicture } from './decode.node.js';
import type { Picture } from './picture.js';

/** A picture with a red left, green right, blue lower-left and white lower-right quarter. */
const WIDTH = 32;
const HEIGHT = 16;
const QUARTERS = [
  [200, 30, 20],
  [20, 180, 40],
  [10, 20, 220],
  [240, 240, 240],
];

function quarterPixels(): Buffer {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
    const right = pixel % WIDTH >= WIDTH / 2 ? 1 : 0;
    const low = pixel >= (WIDTH * HEIGHT) / 2 ? 2 : 0;
    data.set(QUARTERS[right + low]!, pixel * 3);
  }
  return data;
}

function quarters(): Sharp {
  return sharp(quarterPixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

/** The picture as a file with an EXIF orientation stores it: which row and column of it hold the upright (y, x). */
function stored(orientation: number): [Buffer, SharpOptions] {
  const turned = orientation >= 5;
  const [width, height] = turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const fromRight = [2, 3, 6, 7].includes(orientation);
  const fromBottom = [3, 4, 7, 8].includes(orientation);
  const upright = quarterPixels();
  const data = Buffer.alloc(upright.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const across = fromRight ? WIDTH - 1 - x : x;
      const down = fromBottom ? HEIGHT - 1 - y : y;
      const target = turned ? across * width + down : down * width + across;
      upright.copy(data, target * 3, (y * WIDTH + x) * 3, (y * WIDTH + x + 1) * 3);
    }
  }
  return [data, { raw: { width, height, channels: 3 } }];
}

/** The colours in the middle of the four quarters. */
function corners({ data, width, height }: Picture): number[][] {
  const at = (x: number, y: number): number[] => {
    const start = (y * width + x) * 3;
    return Array.from(data.subarray(start, start + 3));
  };
  const [left, right] = [width >> 2, width - 1 - (width >> 2)];
  const [top, bottom] = [height >> 2, height - 1 - (height >> 2)];
  return [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
}

function expectColours(actual: number[][], expected: number[][], tolerance: number): void {
  actual.flat().forEach((level, index) => {
    const difference = Math.abs(level - expected.flat()[index]!);
    expect(difference, `level ${index} of ${JSON.stringify(actual)}`).toBeLessThanOrEqual(tolerance);
  });
}

describe('decodePicture', () => {
  it('decodes every format to interleaved RGB', async () => {
    const files: [string, Buffer, number][] = [
      ['png', await quarters().png().toBuffer(), 0],
      ['palette', await quarters().png({ palette: true }).toBuffer(), 2],
      ['webp', await quarters().webp({ lossless: true }).toBuffer(), 0],
      ['tiff', await quarters().tiff({ compression: 'lzw' }).toBuffer(), 0],
      ['gif', await quarters().gif().toBuffer(), 2],
      ['jpeg', await quarters().jpeg({ quality: 100 }).toBuffer(), 6],
      ['progressive jpeg', await quarters().jpeg({ quality: 100, progressive: true }).toBuffer(), 6],
      ['avif', await quarters().avif({ quality: 100 }).toBuffer(), 8],
    ];
    for (const [name, bytes, tolerance] of files) {
      const picture = await decodePicture(bytes);
      expect([picture.width, picture.height, picture.data.length], name).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT * 3]);
      expectColours(corners(picture), QUARTERS, tolerance);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a picture with EXIF orientation %i upright', async (orientation) => {
    const turned = await sharp(...stored(orientation))
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer();
    const whole = await decodePicture(turned);
    expect([whole.width, whole.height]).toEqual([WIDTH, HEIGHT]);
    expectColours(corners(whole), QUARTERS, 4);
    const resized = await decodePicture(turned, { width: 16, height: 12 });
    expect([resized.width, resized.height]).toEqual([16, 12]);
    expectColours(corners(resized), QUARTERS, 4);
  });

  it('makes three equal channels of grey, of 8 and of 16 bits', async () => {
    const grey8 = sharp(Buffer.alloc(64, 77), { raw: { width: 8, height: 8, channels: 1 } }).toColourspace('b-w');
    // sharp's types know no 16-bit raw input, but its code takes the width from the array.
    const grey16 = sharp(new Uint16Array(64).fill(77 * 257), { raw: { width: 8, height: 8, channels: 1 } });
    const files = [await grey8.png().toBuffer(), await grey16.toColourspace('grey16').png().toBuffer()];
    const headers = await Promise.all(files.map((file) => sharp(file).metadata()));
    expect(headers.map(({ depth }) => depth)).toEqual(['uchar', 'ushort']);
    for (const file of files) {
      expect(new Set((await decodePicture(file)).data)).toEqual(new Set([77]));
      expect(new Set((await decodePicture(file, { width: 4, height: 4 })).data)).toEqual(new Set([77]));
    }
  });

  it('brings 16-bit colour down to 8 bits', async () => {
    const deep = Uint16Array.from(quarterPixels(), (level) => level * 257);
    const file = await sharp(deep, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).depth).toBe('ushort');
    expectColours(corners(await decodePicture(file)), QUARTERS, 0);
  });

  it('converts CMYK with and without a profile', async () => {
    const muted = [
      [180, 60, 60],
      [70, 140, 80],
      [60, 70, 140],
      [230, 230, 230],
    ];
    const data = quarterPixels();
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const quarter = QUARTERS.findIndex((colour) => colour[0] === data[pixel * 3]);
      data.set(muted[quarter]!, pixel * 3);
    }
    const rgb = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    const plain = await rgb.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    const profiled = await rgb.clone().toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer();
    for (const file of [plain, profiled]) {
      expect((await sharp(file).metadata()).space).toBe('cmyk');
      expectColours(corners(await decodePicture(file)), muted, 25);
    }
  });

  it('drops alpha and keeps the colours under it, also when resizing', async () => {
    const rgba = Buffer.alloc(64 * 4);
    for (let pixel = 0; pixel < 64; pixel++) rgba.set([200, 100, 50, 0], pixel * 4);
    const file = await sharp(rgba, { raw: { width: 8, height: 8, channels: 4 } }).png().toBuffer();
    for (const options of [{}, { width: 4, height: 4 }]) {
      const { data } = await decodePicture(file, options);
      for (let index = 0; index < data.length; index += 3) {
        expect(Array.from(data.subarray(index, index + 3))).toEqual([200, 100, 50]);
      }
    }
  });

  it('takes the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(64 * 3, 250), Buffer.alloc(64 * 3, 5)]);
    const file = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } }).gif().toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    const picture = await decodePicture(file);
    expect([picture.width, picture.height, picture.data[0]]).toEqual([8, 8, 250]);
  });

  it('squashes to the wanted size, averaging what it reduces', async () => {
    const stripes = Buffer.alloc(64 * 64 * 3);
    for (let index = 0; index < stripes.length; index++) stripes[index] = Math.floor(index / 3) % 2 === 0 ? 0 : 200;
    const file = await sharp(stripes, { raw: { width: 64, height: 64, channels: 3 } }).png().toBuffer();
    const { data, width, height } = await decodePicture(file, { width: 8, height: 16 });
    expect([width, height]).toEqual([8, 16]);
    for (const level of data) expect(Math.abs(level - 100)).toBeLessThan(15);
  });

  it('enlarges', async () => {
    const picture = await decodePicture(await quarters().png().toBuffer(), { width: 64, height: 64 });
    expect([picture.width, picture.height]).toEqual([64, 64]);
    expectColours(corners(picture), QUARTERS, 0);
  });

  it('wants width and height together', async () => {
    await expect(decodePicture(await quarters().png().toBuffer(), { width: 8 })).rejects.toThrow(ConfigError);
  });
});

describe('decodePicture refuses', () => {
  let folder: string;
  let jpeg: Buffer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ageband-decode-'));
    // Noise, so that half of the file is about half of the picture.
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * index * 7919) % 251));
    jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } }).jpeg().toBuffer();
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function failureOf(name: string, bytes: Uint8Array | string): Promise<PictureError> {
    const file = join(folder, name);
    await writeFile(file, bytes);
    const failure: unknown = await decodePicture(file, { width: 32, height: 32 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PictureError);
    expect((failure as PictureError).file).toBe(file);
    return failure as PictureError;
  }

  it('a file that is not there, and a folder', async () => {
    await expect(decodePicture(join(folder, 'none.jpg'))).rejects.toThrow(/none\.jpg: not found/);
    await mkdir(join(folder, 'folder.jpg'));
    await expect(decodePicture(join(folder, 'folder.jpg'))).rejects.toThrow(/a folder, not a picture/);
  });

  it('an empty file', async () => {
    expect((await failureOf('empty.jpg', '')).message).toContain('the file is empty');
  });

  it('text and drawings under the name of a picture', async () => {
    expect((await failureOf('text.jpg', 'not a picture at all')).message).toContain('not a picture');
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>';
    expect((await failureOf('drawing.png', drawing)).message).toContain('not a picture');
  });

  it.each([0.02, 0.1, 0.5, 0.9, 0.99])('a JPEG cut off at %f of its length', async (part) => {
    const failure = await failureOf('cut.jpg', jpeg.subarray(0, Math.floor(jpeg.length * part)));
    expect(failure.message).toMatch(/truncated|damaged/);
  });

  it('a JPEG cut off and closed again', async () => {
    const closed = Buffer.concat([jpeg.subarray(0, jpeg.length / 2), Buffer.of(0xff, 0xd9)]);
    expect((await failureOf('closed.jpg', closed)).message).toMatch(/truncated/);
  });

  it('other formats that were cut off', async () => {
    const picture = sharp(jpeg);
    for (const format of ['png', 'webp', 'gif', 'tiff', 'avif'] as const) {
      const bytes = await picture.clone().toFormat(format).toBuffer();
      const failure = await failureOf(`cut.${format}`, bytes.subarray(0, bytes.length / 2));
      expect(failure.message, format).toMatch(/truncated|damaged|not a picture/);
    }
  });

  it('a picture of too many pixels, before decoding it', async () => {
    const failure = decodePicture(jpeg, { maxPixels: 4095 });
    await expect(failure).rejects.toThrow('<buffer>: 64 × 64 is 4096 pixels, above the limit of 4095');
    const wide = await sharp({ create: { width: 65_536, height: 1, channels: 3, background: '#000' } }).png().toBuffer();
    await expect(decodePicture(wide)).rejects.toThrow('<buffer>: 65536 × 1 has a side above the limit of 65535 pixels');
    await expect(decodePicture(jpeg, { maxPixels: 4096 })).resolves.toMatchObject({ width: 64 });
  });

  it('nothing for a header field that some phones write wrongly', async () => {
    // The scan header ends with the range of coefficients, 0 to 63; 0 to 0 draws a warning and no more.
    const phone = Buffer.from(jpeg);
    const scan = phone.indexOf(Buffer.of(0xff, 0xda));
    const end = scan + 2 + phone.readUInt16BE(scan + 2);
    expect(Array.from(phone.subarray(end - 3, end))).toEqual([0, 63, 0]);
    phone[end - 2] = 0;
    await expect(sharp(phone).raw().toBuffer()).rejects.toThrow(/Invalid SOS parameters/);
    expect((await decodePicture(phone)).data).toEqual((await decodePicture(jpeg)).data);
    // Of the warnings there is one memory for all threads, which other pictures clear.
    const several = await Promise.allSettled(
      Array.from({ length: 120 }, (_, index) => decodePicture(index % 4 === 0 ? phone : jpeg)),
    );
    expect(several.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('always the same for the same damage, also beside other pictures', async () => {
    const damaged = await readFile(PORTRAIT).then((bytes) => bytes.subarray(0, 4000));
    const several = await Promise.allSettled(
      Array.from({ length: 120 }, (_, index) => decodePicture(index % 4 === 0 ? damaged : jpeg)),
    );
    const reasons = several.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(reasons).toHaveLength(30);
    expect(new Set(reasons)).toEqual(new Set([expect.stringMatching(/truncated or damaged/)]));
  });

  it('nothing for zeros after the data, with which some cameras fill the file up', async () => {
    const whole = await sharp(jpeg).jpeg({ progressive: true }).toBuffer();
    const filled = Buffer.concat([whole.subarray(0, -2), Buffer.alloc(10), whole.subarray(-2)]);
    await expect(sharp(filled).raw().toBuffer()).rejects.toThrow(/extraneous bytes/);
    expect((await decodePicture(filled)).data).toEqual((await decodePicture(whole)).data);
  });

  it('each picture for itself when many are decoded at once', async () => {
    const phone = Buffer.from(jpeg);
    const scan = phone.indexOf(Buffer.of(0xff, 0xda));
    phone[scan + phone.readUInt16BE(scan + 2)] = 0;
    const closed = Buffer.concat([phone.subarray(0, phone.length / 2), Buffer.of(0xff, 0xd9)]);
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => decodePicture(index % 2 === 0 ? phone : closed)),
    );
    const right = results.filter(({ status }, index) => status === (index % 2 === 0 ? 'fulfilled' : 'rejected'));
    expect(right).toHaveLength(200);
  });
});

describe('checkPictureHeader', () => {
  it('takes pictures, also those that are damaged further on', async () => {
    const folder = await temporaryFolder({ 'a.jpg': (await quarters().jpeg().toBuffer()).subarray(0, -10) });
    await expect(checkPictureHeader(join(folder, 'a.jpg'))).resolves.toBeUndefined();
    await expect(decodePicture(join(folder, 'a.jpg'))).rejects.toThrow(PictureError);
  });

  it('refuses what is no picture', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';
    const folder = await temporaryFolder({ 'a.jpg': 'text', 'b.jpg': '', 'c.png': svg });
    for (const name of ['a.jpg', 'b.jpg', 'c.png']) {
      await expect(checkPictureHeader(join(folder, name))).rejects.toThrow(/not a picture that can be read/);
    }
  });
});
