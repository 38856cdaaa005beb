import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { DataError } from '../base/errors.js';
import { checkReadable, checkTrainable, openDataset, samplesOf } from './dataset.js';
import type { Dataset } from './sample.js';

describe('openDataset', () => {
  it('tells the kinds apart', async () => {
    const root = await temporaryFolder({
      ...emptyFiles('splits/test/a/1.jpg', 'classes/a/1.jpg', 'classes/b/2.jpg'),
      'list.csv': 'file,age\nclasses/a/1.jpg,30\n',
    });
    const kinds = ['splits', 'classes', 'list.csv'].map(async (name) => (await openDataset(join(root, name))).kind);
    expect(await Promise.all(kinds)).toEqual(['split-folders', 'class-folders', 'manifest']);
  });

  it('hands its options on', async () => {
    const root = await temporaryFolder({ ...emptyFiles('p/b/1.jpg'), 'list.csv': 'file,label\n1.jpg,b\n' });
    const classes = ['a', 'b'];
    expect((await openDataset(join(root, 'p'), { classes })).samples[0]?.label).toBe(1);
    expect((await openDataset(join(root, 'list.csv'), { classes, root: join(root, 'p/b') })).samples[0]).toEqual({
      file: join(root, 'p/b/1.jpg'),
      label: 1,
    });
  });

  it('refuses a few folders, and leaves out a few rows, that are no age bands among bands', async () => {
    const root = await temporaryFolder({
      ...emptyFiles('p/0-2/1.jpg', 'p/25-23/2.jpg', 'p/60+/3.jpg'),
      'list.csv': 'file,label\np/0-2/1.jpg,0-2\np/25-23/2.jpg,elder\np/60+/3.jpg,60+\n',
      'other.csv': 'file,label\np/0-2/1.jpg,0-2\np/25-23/2.jpg,3-9\np/60+/3.jpg,10-19\n',
    });
    const picture = join(root, 'p/25-23/2.jpg');
    await expect(openDataset(join(root, 'p'))).rejects.toThrow(
      `${join(root, 'p')}: most labels are age bands, but not "25-23", as of ${picture}`,
    );
    const { classes: bands, problems } = await openDataset(join(root, 'list.csv'));
    expect(bands).toEqual(['0-2', '60+']);
    expect(problems).toMatchObject([{ line: 3, reason: expect.stringMatching(/^"elder" is not one of/) as string }]);
    expect((await openDataset(join(root, 'other.csv'))).classes).toEqual(['0-2', '10-19', '3-9']);
    const classes = ['0-2', '25-23', '60+'];
    expect((await openDataset(join(root, 'p'), { classes })).classes).toEqual(classes);
  });

  it('refuses a root for a folder', async () => {
    const root = await temporaryFolder(emptyFiles('a/1.jpg', 'b/1.jpg'));
    await expect(openDataset(root, { root })).rejects.toThrow(/^root: only a CSV manifest can have one, and .* is a folder$/);
  });

  it('refuses a path where nothing is', async () => {
    const failure = openDataset('/no/such/folder');
    await expect(failure).rejects.toThrow(DataError);
    await expect(failure).rejects.toThrow('/no/such/folder: no such folder or manifest');
  });
});

describe('checkTrainable', () => {
  const dataset: Dataset = {
    root: '/data',
    kind: 'split-folders',
    classes: ['a', 'b'],
    samples: [
      { file: '/data/1.jpg', label: 0, split: 'train' },
      { file: '/data/2.jpg', label: 1, split: 'train' },
      { file: '/data/3.jpg', label: 1, split: 'test' },
    ],
    problems: [],
  };

  it('passes what can be trained on', () => {
    expect(() => checkTrainable(dataset, 2)).not.toThrow();
    expect(samplesOf(dataset, 'train').map(({ file }) => file)).toEqual(['/data/1.jpg', '/data/2.jpg']);
  });

  it('refuses a batch larger than the train split', () => {
    expect(() => checkTrainable(dataset, 3)).toThrow(
      '/data: a batch of 3 is larger than the train split of 2 pictures',
    );
  });

  it('refuses a train split without pictures', () => {
    const test = { ...dataset, samples: samplesOf(dataset, 'test') };
    expect(() => checkTrainable(test, 1)).toThrow('/data: the train split holds no pictures');
  });

  it('refuses fewer than two classes', () => {
    expect(() => checkTrainable({ ...dataset, classes: ['a'] }, 1)).toThrow('at least two classes are needed, got a');
    expect(() => checkTrainable({ ...dataset, classes: [] }, 1)).toThrow(DataError);
  });
});

describe('checkReadable', () => {
  const dataset: Dataset = {
    root: '/data',
    kind: 'manifest',
    classes: ['a', 'b', 'c'],
    samples: [
      { file: '/data/1.jpg', label: 0, split: 'train' },
      { file: '/data/2.jpg', label: 1, split: 'train' },
      { file: '/data/3.jpg', label: 1, split: 'train' },
      { file: '/data/4.jpg', label: 2, split: 'test' },
    ],
    problems: [],
  };
  const unreadable = (...names: string[]) => names.map((name) => ({ file: `/data/${name}`, reason: 'the file is empty' }));

  it('takes classes of which a picture is left, or that have none to train on', () => {
    checkReadable(dataset, []);
    checkReadable(dataset, unreadable('2.jpg'));
  });

  it('names a class of which none is left, with the reason', () => {
    expect(() => checkReadable(dataset, unreadable('2.jpg', '3.jpg'))).toThrow(
      '/data: none of the 2 training pictures of b can be read; /data/2.jpg: the file is empty',
    );
  });
});
