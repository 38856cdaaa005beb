import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { DataError } from '../base/errors.js';
import { openClassFolders } from './class-folders.js';

describe('openClassFolders', () => {
  it('labels the pictures by their folder, those of folders below too', async () => {
    const root = await temporaryFolder(emptyFiles('dog/1.jpg', 'dog/more/2.png', 'cat/3.jpg', 'Ape/4.jpg'));
    const dataset = await openClassFolders(root);
    expect(dataset).toMatchObject({ root, kind: 'class-folders', classes: ['Ape', 'cat', 'dog'], problems: [] });
    expect(dataset.samples.map(({ file, label }) => [relative(root, file), label])).toEqual([
      ['Ape/4.jpg', 0],
      ['cat/3.jpg', 1],
      ['dog/1.jpg', 2],
      ['dog/more/2.png', 2],
    ]);
  });

  it('puts age bands into the order of age', async () => {
    const root = await temporaryFolder(emptyFiles('60+/a.jpg', '(8, 12)/b.jpg', '0-2/c.jpg'));
    const dataset = await openClassFolders(root);
    expect(dataset.classes).toEqual(['0-2', '8-13', '60+']);
    expect(dataset.samples.map(({ file, label }) => [relative(root, file), label])).toEqual([
      ['(8, 12)/b.jpg', 1],
      ['0-2/c.jpg', 0],
      ['60+/a.jpg', 2],
    ]);
  });

  it('keeps to the classes of a trained model', async () => {
    const root = await temporaryFolder(emptyFiles('b/1.jpg'));
    expect((await openClassFolders(root, ['a', 'b'])).samples.map(({ label }) => label)).toEqual([1]);
    const failure = openClassFolders(root, ['a', 'c']);
    await expect(failure).rejects.toThrow(DataError);
    await expect(failure).rejects.toThrow(`${join(root, 'b')}: "b" is not one of the classes a, c`);
  });

  it('maps bands to others, and reports those that lie in none as a whole', async () => {
    const root = await temporaryFolder(emptyFiles('0-2/a.jpg', '4-6/b.jpg', '8-13/c.jpg', '8-13/d.jpg', '60+/e.jpg'));
    const { classes, samples, problems } = await openClassFolders(root, ['0-6', '7-12', '13+']);
    expect(classes).toEqual(['0-6', '7-12', '13+']);
    expect(samples.map(({ file, label }) => [relative(root, file), label])).toEqual([['0-2/a.jpg', 0], ['4-6/b.jpg', 0], ['60+/e.jpg', 2]]);
    const reason = '2 pictures left out: "8-13" lies in none of the bands 0-6, 7-12, 13+ as a whole';
    expect(problems).toEqual([{ file: join(root, '8-13'), reason }]);
    const nothing = openClassFolders(root, ['0-1', '2-4']);
    await expect(nothing).rejects.toThrow(DataError);
    await expect(nothing).rejects.toThrow(`${root}: no class folder lies in one of the bands 0-1, 2-4 as a whole`);
  });

  it('reports pictures outside the class folders', async () => {
    const root = await temporaryFolder(emptyFiles('a/1.jpg', '2.jpg', '3.jpg'));
    const { samples, problems } = await openClassFolders(root);
    expect(samples).toHaveLength(1);
    expect(problems).toEqual([{ file: root, reason: '2 pictures lie outside the class folders' }]);
  });

  it('refuses an empty class folder, and a folder without any', async () => {
    const root = await temporaryFolder(emptyFiles('a/1.jpg', 'b/notes.txt'));
    await expect(openClassFolders(root)).rejects.toThrow(`${join(root, 'b')}: the class folder holds no pictures`);
    await mkdir(join(root, 'a/nothing'));
    await expect(openClassFolders(join(root, 'a/nothing'))).rejects.toThrow('no class folders');
  });
});
