import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namedPictures } from './pictures.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-pictures-'));
  await mkdir(join(folder, 'below'));
  for (const name of ['b.jpg', 'a.PNG', 'below/c.webp', 'notes.txt', 'odd[1].jpg']) {
    await writeFile(join(folder, name), '');
  }
});
afterAll(() => rm(folder, { recursive: true }));

it('takes a folder for the pictures in it and below it, in order', async () => {
  const { files, failures } = await namedPictures([folder]);
  expect(files).toEqual(['a.PNG', 'b.jpg', 'odd[1].jpg', 'below/c.webp'].map((name) => join(folder, name)));
  expect(failures).toEqual([]);
});

it('takes a file as it is, whatever it is called, and names it once', async () => {
  const names = ['odd[1].jpg', 'notes.txt', 'odd[1].jpg'].map((name) => join(folder, name));
  expect((await namedPictures(names)).files).toEqual(names.slice(0, 2));
});

it('expands a glob', async () => {
  const pattern = `${folder.replaceAll('\\', '/')}/*.jpg`;
  const { files } = await namedPictures([pattern]);
  expect(files.map((file) => basename(file))).toEqual(['b.jpg', 'odd[1].jpg']);
});

it('gives the reason for each name that stands for nothing, and goes on', async () => {
  await mkdir(join(folder, 'empty'), { recursive: true });
  const names = ['empty', 'missing.jpg', '*.gif', 'b.jpg'].map((name) => join(folder, name).replaceAll('\\', '/'));
  const { files, failures } = await namedPictures(names);
  expect(files).toHaveLength(1);
  expect(failures).toEqual([
    { file: names[0], error: 'no picture in this folder' },
    { file: names[1], error: 'no such file or folder' },
    { file: names[2], error: 'no file matches' },
  ]);
});
