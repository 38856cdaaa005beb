import { mkdir, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { findPictures, isInside, readFolder } from './folder.js';
import type { Problem } from './sample.js';

describe('readFolder', () => {
  it('lists folders and pictures by character code, without what is hidden or no picture', async () => {
    const root = await temporaryFolder(
      emptyFiles('b.jpg', 'B.PNG', '10.webp', '9.gif', 'notes.txt', '.hidden.jpg', '.git/x.jpg', 'sub/c', 'Sub/d'),
    );
    const problems: Problem[] = [];
    const { folders, pictures } = await readFolder(root, root, problems);
    expect(folders.map((path) => relative(root, path))).toEqual(['Sub', 'sub']);
    expect(pictures.map((path) => relative(root, path))).toEqual(['10.webp', '9.gif', 'B.PNG', 'b.jpg']);
    expect(problems).toEqual([]);
  });

  it('follows links to pictures inside the root only, and reports the others', async () => {
    const root = await temporaryFolder(emptyFiles('a/real.jpg'));
    const elsewhere = await temporaryFolder(emptyFiles('other.jpg'));
    await symlink(join(root, 'a/real.jpg'), join(root, 'a/inside.jpg'));
    await symlink(join(elsewhere, 'other.jpg'), join(root, 'a/outside.jpg'));
    await symlink(join(root, 'a/gone.jpg'), join(root, 'a/broken.jpg'));
    await symlink(root, join(root, 'a/loop'));
    const problems: Problem[] = [];
    const { folders, pictures } = await readFolder(join(root, 'a'), root, problems);
    expect(folders).toEqual([]);
    expect(pictures).toEqual([join(root, 'a/inside.jpg'), join(root, 'a/real.jpg')]);
    expect(problems).toEqual([
      { file: join(root, 'a/broken.jpg'), reason: 'a link to nowhere' },
      { file: join(root, 'a/loop'), reason: 'a linked folder, which is not followed' },
      { file: join(root, 'a/outside.jpg'), reason: `a link out of ${root}, which is not followed` },
    ]);
  });
});

it('findPictures walks the folders below', async () => {
  const root = await temporaryFolder(emptyFiles('z.jpg', 'a/y.jpg', 'a/b/x.jpg', 'a/b/readme.md'));
  await mkdir(join(root, 'empty'));
  const pictures = await findPictures(root, root, []);
  expect(pictures.map((path) => relative(root, path))).toEqual(['z.jpg', 'a/y.jpg', 'a/b/x.jpg']);
  const fewer = await findPictures(root, root, [], join(root, 'a/b'));
  expect(fewer.map((path) => relative(root, path))).toEqual(['z.jpg', 'a/y.jpg']);
});

it('isInside knows a folder from its namesakes', () => {
  expect(isInside('/data/a.jpg', '/data')).toBe(true);
  expect(isInside('/data', '/data')).toBe(true);
  expect(isInside('/data/..a.jpg', '/data')).toBe(true);
  expect(isInside('/data2/a.jpg', '/data')).toBe(false);
  expect(isInside('/a.jpg', '/data')).toBe(false);
  expect(isInside('/', '/data')).toBe(false);
});
