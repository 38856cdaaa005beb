import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { temporaryFolder } from './folder.js';
import { gallery, pictureOf, PORTRAIT, PORTRAIT_SIZE } from './portrait.js';

/** A folder with a picture in each of a few conditions; `copies` further portraits lie in a folder of their own. */
export async function photos(copies = 0) {
  const portrait = sharp(PORTRAIT);
  const files: Record<string, Uint8Array | string> = {
    'photos/portrait.png': await portrait.clone().png().toBuffer(),
    'photos/portrait.jpg': await readFile(PORTRAIT),
    'photos/album/two.jpg': await (
      await gallery(640, 300, [
        { left: 20, top: 40, size: 160 },
        { left: 330, top: 20, size: 260 },
      ])
    )
      .jpeg()
      .toBuffer(),
    'photos/album/nobody.png': await sharp({ create: { width: 90, height: 50, channels: 3, background: '#406080' } })
      .png()
      .toBuffer(),
    'photos/album/broken.jpg': (await readFile(PORTRAIT)).subarray(0, 4000),
    'photos/notes.txt': 'no picture',
  };
  for (let index = 0; index < copies; index++) {
    const size = PORTRAIT_SIZE + index;
    files[`photos/more/${String(index).padStart(3, '0')}.jpg`] = await portrait.clone().resize(size, size).jpeg().toBuffer();
  }
  const root = await temporaryFolder(files);
  return { root, source: join(root, 'photos'), out: join(root, 'crops') };
}

/** Mean difference of two pictures in levels. */
export async function difference(a: string, b: string): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((path) => pictureOf(sharp(path))));
  expect([one!.width, one!.height]).toEqual([other!.width, other!.height]);
  return one!.data.reduce((sum, level, index) => sum + Math.abs(level - other!.data[index]!), 0) / one!.data.length;
}
