import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { drawing, jpeg } from '../../../test/support/pictures.js';
import type { Fingerprint } from './fingerprint.js';
import { correlation, findDuplicatePairs, findNearDuplicates } from './near-duplicates.js';
import { perceptualHash } from './perceptual-hash.js';

const LUMA: [number, number, number] = [0.299, 0.587, 0.114];

describe('findNearDuplicates', () => {
  it('finds the same picture in other files, and no other', async () => {
    const original = await jpeg(1);
    const root = await temporaryFolder({
      '0-original.jpg': original,
      '1-same-bytes.jpg': original,
      '2-coarse.jpg': await jpeg(1, 128, 40),
      '3-bright.png': await sharp(original).linear(0.8, 40).png().toBuffer(),
      '4-small.webp': await drawing(1).resize(60, 60).webp().toBuffer(),
      '5-grey.png': await sharp(original).recomb([LUMA, LUMA, LUMA]).png().toBuffer(),
      '6-mirrored.jpg': await drawing(1).flop().jpeg().toBuffer(),
      '7-turned.jpg': await drawing(1).rotate(90).jpeg().toBuffer(),
      '8-other.jpg': await jpeg(2),
      '9-broken.jpg': original.subarray(0, 900),
    });
    const names = ['0-original.jpg', '1-same-bytes.jpg', '2-coarse.jpg', '3-bright.png', '4-small.webp', '5-grey.png'];
    const others = ['6-mirrored.jpg', '7-turned.jpg', '8-other.jpg', '9-broken.jpg'];
    const files = [...names, ...others].map((name) => join(root, name));
    const calls: [number, number][] = [];
    const { pairs, problems } = await findNearDuplicates(files, (done, total) => calls.push([done, total]));
    const place = (file: string): number => files.indexOf(file);
    expect(pairs.map(({ other, file, exact }) => [place(other), place(file), exact])).toEqual([
      [0, 1, true],
      [0, 2, false],
      [0, 3, false],
      [2, 3, false],
      [0, 4, false],
      [2, 4, false],
      [3, 4, false],
      [0, 5, false],
      [2, 5, false],
      [3, 5, false],
      [4, 5, false],
    ]);
    expect(pairs.every(({ similarity }) => similarity > 0.98 && similarity <= 1 + 1e-9)).toBe(true);
    expect(problems).toEqual([{ file: files[9], reason: expect.stringMatching(/^truncated/) as string }]);
    expect(calls.at(-1)).toEqual([10, 10]);
  });

  it('sets aside what is no picture at all', async () => {
    const root = await temporaryFolder({ 'empty.jpg': '', 'text.jpg': 'no picture', 'folder/a.txt': '' });
    const files = ['empty.jpg', 'text.jpg', 'folder', 'none.jpg', 'bad\0name.jpg'].map((name) => join(root, name));
    const { pairs, problems } = await findNearDuplicates(files);
    expect(pairs).toEqual([]);
    expect(problems.map(({ file }) => file)).toEqual(files);
    expect(problems.map(({ reason }) => reason.split(':')[0])).toEqual([
      'the file is empty',
      'not a picture that can be read',
      'not a file',
      'not found',
      'cannot be read',
    ]);
  });
});

function fingerprint(grey: Uint8Array, digest: string): Fingerprint {
  return { width: 32, height: 32, digest, grey, hash: perceptualHash(grey) };
}

/** A pattern with a little of something else in one corner, another for each key. */
function variant(key: number): Uint8Array {
  return Uint8Array.from({ length: 1024 }, (_, pixel) => {
    const corner = pixel < 8 ? key % 40 : 0;
    return 100 + ((pixel * pixel * 7) % 91) + corner;
  });
}

describe('findDuplicatePairs', () => {
  it('does not list each of many copies with each other, and yet links them all', () => {
    const pairs = findDuplicatePairs(Array.from({ length: 40 }, (_, key) => fingerprint(variant(key), `${key}`)));
    // The first 17 are paired with all before them, the others with the first 16.
    expect(pairs).toHaveLength((16 * 17) / 2 + 23 * 16);
    expect(new Set(pairs.flatMap(({ first, second }) => [first, second])).size).toBe(40);
  });

  it('does not take different pictures with the same black around them for copies', () => {
    const framed = (key: number, brighter: number): Fingerprint => {
      const grey = Uint8Array.from({ length: 1024 }, (_, pixel) => {
        const isContent = pixel % 32 >= 8 && pixel % 32 < 24;
        return isContent ? 180 + ((pixel * (pixel + key) * 7) % 31) + brighter : 0;
      });
      return { ...fingerprint(grey, `${key} ${brighter}`), hash: [0, 0] };
    };
    const [one, brighter, other] = [framed(0, 0), framed(0, 9), framed(5, 0)];
    expect(correlation(one.grey, other.grey)).toBeGreaterThan(0.98);
    expect(findDuplicatePairs([one, brighter, other]).map(({ first, second }) => [first, second])).toEqual([[0, 1]]);
  });

  it('compares blank pictures by their bytes alone', () => {
    const blank = (level: number): Uint8Array => new Uint8Array(1024).fill(level);
    const pictures = [fingerprint(blank(9), 'a'), undefined, fingerprint(blank(200), 'b'), fingerprint(blank(9), 'a')];
    expect(findDuplicatePairs(pictures)).toEqual([{ first: 0, second: 3, exact: true, similarity: 1 }]);
  });
});

it('correlation is that of Pearson', () => {
  expect(correlation(Uint8Array.of(1, 2, 3), Uint8Array.of(10, 20, 30))).toBeCloseTo(1, 12);
  expect(correlation(Uint8Array.of(1, 2, 3), Uint8Array.of(3, 2, 1))).toBeCloseTo(-1, 12);
  // Deviations (-1, 0, 1) and (-1, 1, 0): product 1, squares 2 and 2.
  expect(correlation(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 3, 2))).toBeCloseTo(0.5, 12);
});
