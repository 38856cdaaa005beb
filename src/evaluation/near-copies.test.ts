import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writePictures } from '../../test/support/training.js';
import { temporaryFolder } from '../../test/support/folder.js';
import { RunFolder } from '../training/run-folder.js';
import { findNearCopies } from './near-copies.js';

let run: RunFolder;
let files: string[];
let read: number;

beforeEach(async () => {
  run = new RunFolder(await temporaryFolder());
  const pictures = await temporaryFolder();
  await writePictures(pictures, ['a', 'b'], [2, 1]);
  files = ['a/0.png', 'a/1.png', 'b/0.png', 'copy.png', 'broken.png'].map((name) => join(pictures, name));
  await writeFile(files[3]!, await readFile(files[1]!));
  await writeFile(files[4]!, 'no picture');
  read = 0;
});

const find = (list = files) => findNearCopies(run, list, () => (read += 1));

describe('findNearCopies', () => {
  it('finds copies, and the pictures that it cannot read', async () => {
    expect(await find()).toEqual({ pairs: [[1, 3]], unread: [4] });
    expect(read).toBe(5);
  });

  it('does not read the same pictures twice, not even after others', async () => {
    await find();
    expect(await find(files.slice(2))).toEqual({ pairs: [], unread: [2] });
    read = 0;
    expect(await find()).toEqual({ pairs: [[1, 3]], unread: [4] });
    expect(read).toBe(0);
  });

  it('looks again when a picture has changed', async () => {
    await find();
    await utimes(files[0]!, 1, 1);
    await rm(files[3]!);
    expect(await find()).toEqual({ pairs: [], unread: [3, 4] });
  });

  it.each(['{', '{"x": 1}', '[]'])('looks again when its file holds %s', async (content) => {
    await writeFile(run.nearCopiesFile, content);
    expect((await find()).pairs).toEqual([[1, 3]]);
  });

  it('takes no places out of the list from the file', async () => {
    await find();
    const spoilt = (await readFile(run.nearCopiesFile, 'utf8')).replace('[1,3]', '[1,300]');
    await writeFile(run.nearCopiesFile, spoilt);
    expect((await find()).pairs).toEqual([[1, 3]]);
  });

  it('does without a run that it can write to', async () => {
    run = new RunFolder(join(run.path, 'nowhere'));
    expect((await find()).pairs).toEqual([[1, 3]]);
  });
});
