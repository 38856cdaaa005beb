import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { PictureCache } from './picture-cache.js';
import { readPictures } from './read-pictures.js';

describe('readPictures', () => {
  it('caches what can be read and lists what cannot, with the reason', async () => {
    const png = await sharp({ create: { width: 9, height: 5, channels: 3, background: { r: 3, g: 2, b: 1 } } })
      .png()
      .toBuffer();
    const names = ['text.jpg', 'a.png', 'empty.jpg', 'b.png'];
    const root = await temporaryFolder({ 'text.jpg': 'text', 'a.png': png, 'empty.jpg': '', 'b.png': png });
    const samples = [...names, 'gone.jpg'].map((name) => ({ file: join(root, name), label: 0 }));
    const cache = PictureCache.allocate(5, 4, 1000);
    const progress: number[] = [];
    const { readable, problems } = await readPictures(samples, 4, cache, (done, total) => progress.push(done / total));
    expect(Array.from(readable)).toEqual([1, 3]);
    expect(problems).toEqual([
      { file: join(root, 'text.jpg'), reason: expect.stringMatching(/^not a picture that can be read/) as string },
      { file: join(root, 'empty.jpg'), reason: 'the file is empty' },
      { file: join(root, 'gone.jpg'), reason: 'not found' },
    ]);
    expect(progress).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    expect(Array.from(cache.get(3)?.data.subarray(0, 3) ?? [])).toEqual([3, 2, 1]);
    expect(cache.get(0)).toBeUndefined();
  });
});
