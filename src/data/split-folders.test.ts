import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { DataError } from '../base/errors.js';
import { openSplitFolders } from './split-folders.js';

describe('openSplitFolders', () => {
  it.each(['valid', 'val', 'validation'])('reads train, %s and test', async (valid) => {
    const validation = [`${valid}/a/3.jpg`, `${valid}/b/4.jpg`];
    const root = await temporaryFolder(
      emptyFiles('train/b/1.jpg', 'train/a/2.jpg', 'test/a/5.jpg', 'test/b/x/6.jpg', ...validation),
    );
    const dataset = await openSplitFolders(root);
    expect(dataset).toMatchObject({ root, kind: 'split-folders', classes: ['a', 'b'], problems: [] });
    expect(dataset.samples.map(({ file, label, split }) => [relative(root, file), label, split]).toSorted()).toEqual(
      [
        ['train/a/2.jpg', 0, 'train'],
        ['train/b/1.jpg', 1, 'train'],
        [`${valid}/a/3.jpg`, 0, 'valid'],
        [`${valid}/b/4.jpg`, 1, 'valid'],
        ['test/a/5.jpg', 0, 'test'],
        ['test/b/x/6.jpg', 1, 'test'],
      ].toSorted(),
    );
  });

  it('does without a split and reports other folders', async () => {
    const root = await temporaryFolder(emptyFiles('train/a/1.jpg', 'tset/a/2.jpg'));
    const { samples, problems } = await openSplitFolders(root);
    expect(samples).toHaveLength(1);
    expect(problems).toEqual([
      { file: join(root, 'tset'), reason: 'left out: not one of the folders train, valid and test' },
    ]);
  });

  it('maps bands to others in every split', async () => {
    const names = ['train', 'test'].flatMap((split) => ['0-2', '4-6', '60+'].map((band) => `${split}/${band}/1.jpg`));
    const root = await temporaryFolder(emptyFiles(...names));
    const { samples, problems } = await openSplitFolders(root, ['0-5', '50+']);
    expect(samples.map(({ split, label }) => [split, label])).toEqual([['test', 0], ['test', 1], ['train', 0], ['train', 1]]);
    expect(problems.map(({ file }) => file)).toEqual([join(root, 'test/4-6'), join(root, 'train/4-6')]);
  });

  async function failureOf(...names: string[]): Promise<[root: string, message: string]> {
    const root = await temporaryFolder(emptyFiles(...names));
    const failure: unknown = await openSplitFolders(root).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    return [root, (failure as DataError).message];
  }

  it('refuses a class that is missing from a split, naming both folders', async () => {
    const [root, message] = await failureOf('train/a/1.jpg', 'train/b/2.jpg', 'test/a/3.jpg');
    expect(message).toBe(`${join(root, 'test')}: no folder for the class "b", which ${join(root, 'train')} has`);
    const [other, reverse] = await failureOf('train/a/1.jpg', 'test/a/3.jpg', 'test/c/4.jpg');
    expect(reverse).toBe(`${join(other, 'train')}: no folder for the class "c", which ${join(other, 'test')} has`);
  });

  it('refuses an empty class folder and a split without pictures', async () => {
    const [root, message] = await failureOf('train/a/1.jpg', 'train/b/2.jpg', 'valid/a/3.jpg', 'valid/b/none.txt');
    expect(message).toBe(`${join(root, 'valid/b')}: the class folder holds no pictures`);
    const [other, empty] = await failureOf('train/a/1.jpg', 'valid/none.txt');
    expect(empty).toBe(`${join(other, 'valid')}: no class folders`);
  });

  it('refuses two folders for one split', async () => {
    const [root, message] = await failureOf('train/a/1.jpg', 'valid/a/2.jpg', 'val/a/3.jpg');
    expect(message).toBe(`${root}: both val and valid name the valid split`);
  });
});
