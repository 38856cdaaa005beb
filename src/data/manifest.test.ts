import { symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { ConfigError, DataError, FileError } from '../base/errors.js';
import { openManifest } from './manifest.js';
import type { ManifestOptions } from './manifest.js';
import type { Dataset } from './sample.js';

const PICTURES = emptyFiles('a.jpg', 'b.jpg', 'c.jpg', 'sub/d.jpg');

async function open(text: string | Uint8Array, options?: ManifestOptions): Promise<[Dataset, root: string]> {
  const root = await temporaryFolder({ ...PICTURES, 'list.csv': text });
  return [await openManifest(join(root, 'list.csv'), options), root];
}

async function refusal(text: string, options?: ManifestOptions): Promise<string> {
  const failure: unknown = await open(text, options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DataError);
  return (failure as DataError).message;
}

describe('openManifest', () => {
  it('reads labels, with everything else that is known', async () => {
    const [dataset, root] = await open(
      'split,file,note,label,age,subject\ntrain,a.jpg,"x, y",old,61,s1\nval,sub/d.jpg,,young,,\n',
    );
    expect(dataset).toEqual({
      root: join(root, 'list.csv'),
      kind: 'manifest',
      classes: ['old', 'young'],
      samples: [
        { file: join(root, 'a.jpg'), label: 0, age: 61, group: 's1', split: 'train' },
        { file: join(root, 'sub/d.jpg'), label: 1, split: 'valid' },
      ],
      problems: [],
    });
  });

  it('groups by any column, or by none, and reads folds', async () => {
    const text = 'file,band,subject,album,fold\na.jpg,0-2,s,x,3\nb.jpg,60+,s,,\n';
    const groupsBy = async (groupBy: string) => (await open(text, { groupBy }))[0].samples.map(({ group }) => group);
    expect(await groupsBy('album')).toEqual(['x', undefined]);
    expect(await groupsBy('none')).toEqual([undefined, undefined]);
    const [{ samples }] = await open(text);
    expect(samples.map(({ group, fold }) => [group, fold])).toEqual([['s', '3'], ['s', undefined]]);
    await expect(groupsBy('person')).rejects.toThrow(ConfigError);
    await expect(groupsBy('person')).rejects.toThrow('there is no column "person" to group by');
  });

  it('turns ages into bands and sets aside those between two', async () => {
    const text = 'file,age,group_id\na.jpg,64,7\nb.jpg,22,8\nc.jpg,3e0,9\nsub/d.jpg,1.5,7\n';
    const [{ classes, samples, problems }, root] = await open(text);
    expect(classes).toEqual(['0-2', '60+']);
    expect(samples.map(({ label, age, group }) => [label, age, group])).toEqual([
      [1, 64, '7'],
      [0, 1.5, '7'],
    ]);
    const file = join(root, 'list.csv');
    expect(problems).toEqual([
      { file, line: 3, reason: 'the age 22 lies between the bands 15-20 and 25-32' },
      { file, line: 4, reason: 'the age 3 lies between the bands 0-2 and 4-6' },
    ]);
  });

  it('reads bands in any spelling as labels', async () => {
    const [{ classes, samples }] = await open('file,label\na.jpg,"(60, 100)"\nb.jpg,0-2\nc.jpg,60+\n');
    expect(classes).toEqual(['0-2', '60+']);
    expect(samples.map(({ label }) => label)).toEqual([1, 0, 1]);
  });

  it('leaves out damaged rows, each with its line and reason', async () => {
    const [{ samples, problems }, root] = await open(
      [
        '\uFEFFfile,label,age,split',
        'a.jpg,x,30,train',
        'b.jpg,x,30',
        '"b.jpg,x,30,train',
        '../b.jpg,x,30,train',
        '/etc/passwd,x,30,train',
        'none.jpg,x,30,train',
        'sub,x,30,train',
        ',x,30,train',
        'b.jpg,,30,train',
        'b.jpg,x,old,train',
        'b.jpg,x,-4,train',
        'b.jpg,x,30,holdout',
        'b.jpg,x,30,',
        'b.jpg,y,,train',
      ].join('\r\n'),
    );
    expect(samples.map(({ file }) => relative(root, file))).toEqual(['a.jpg', 'b.jpg']);
    expect(problems.map(({ line, reason }) => [line, reason])).toEqual([
      [3, '4 columns expected, got 3'],
      [4, 'the quotes do not match'],
      [5, `the path ../b.jpg leads out of ${root}`],
      [6, `the path /etc/passwd leads out of ${root}`],
      [7, `no such file: ${join(root, 'none.jpg')}`],
      [8, `no such file: ${join(root, 'sub')}`],
      [9, 'the file is empty'],
      [10, 'the label is empty'],
      [11, 'the age must be a number from 0 to 130, got old'],
      [12, 'the age must be a number from 0 to 130, got -4'],
      [13, 'the split must be train, valid or test, got "holdout"'],
      [14, 'the split must be train, valid or test, got ""'],
    ]);
    expect(problems.every(({ file }) => file === join(root, 'list.csv'))).toBe(true);
  });

  it('reads other encodings than UTF-8', async () => {
    const latin = Buffer.from('file,label\na.jpg,jeune\nb.jpg,\u00e2g\u00e9\n', 'latin1');
    const [{ classes, problems }] = await open(latin);
    expect(classes).toEqual(['jeune', '\u00e2g\u00e9']);
    expect(problems).toEqual([]);
  });

  it('takes a column band for the label, and tells why one is missing', async () => {
    const text = 'file,label,band,age\na.jpg,x,60+,61\nb.jpg,x,,22\nc.jpg,x,,30\nsub/d.jpg,x,,\n';
    const [{ classes, samples, problems }] = await open(text);
    expect(classes).toEqual(['60+']);
    expect(samples).toHaveLength(1);
    expect(problems.map(({ reason }) => reason)).toEqual([
      'the age 22 lies between the bands 15-20 and 25-32',
      'the label is empty',
      'the label is empty',
    ]);
  });

  it('takes the subject for the group, and else the group', async () => {
    const [{ samples }] = await open('file,label,group_id,subject\na.jpg,x,1,s\n');
    expect(samples[0]!.group).toBe('s');
  });

  it('does not follow a link out of its folder', async () => {
    const root = await temporaryFolder({ 'in/a.jpg': '', 'out/b.jpg': '', 'in/list.csv': 'file,label\na.jpg,x\nb.jpg,x\n' });
    await symlink(join(root, 'out/b.jpg'), join(root, 'in/b.jpg'));
    const { samples, problems } = await openManifest(join(root, 'in/list.csv'));
    expect(samples.map(({ file }) => file)).toEqual([join(root, 'in/a.jpg')]);
    expect(problems).toMatchObject([{ line: 3, reason: expect.stringMatching(/ is a link out of /) as string }]);
  });

  it('reports labels off the given list', async () => {
    const [{ classes, samples, problems }] = await open('file,label\na.jpg,x\nb.jpg,z\n', { classes: ['w', 'x'] });
    expect(classes).toEqual(['w', 'x']);
    expect(samples.map(({ label }) => label)).toEqual([1]);
    expect(problems).toMatchObject([{ line: 3, reason: 'the label "z" is not one of w, x' }]);
  });

  describe('with bands that are given', () => {
    const classes = ['0-3', '4-12', '13-59', '60+'];
    const labelled = (dataset: Dataset) => dataset.samples.map(({ label, age }) => [classes[label], age]);

    it('maps by age where it is known, whatever the label says', async () => {
      // As with ages between two bands that count to the nearest.
      const text = 'file,band,age\na.jpg,0-2,3\nb.jpg,8-13,13\nc.jpg,8-13,12.9\nsub/d.jpg,60+,\n';
      const [dataset] = await open(text, { classes });
      expect(dataset.classes).toEqual(classes);
      expect(labelled(dataset)).toEqual([['0-3', 3], ['13-59', 13], ['4-12', 12.9], ['60+', undefined]]);
      expect(dataset.problems).toEqual([]);
    });

    it('maps by the age alone where there are no labels', async () => {
      const [dataset] = await open('file,age\na.jpg,3\nb.jpg,22\n', { classes: ['0-3', '30+'] });
      expect(dataset.samples.map(({ label }) => label)).toEqual([0]);
      expect(dataset.problems).toMatchObject([{ line: 3, reason: 'the age 22 lies between the bands 0-3 and 30+' }]);
    });

    it('takes bands that lie in one as a whole, and lists the others', async () => {
      const text = 'file,label\na.jpg,4-6\nb.jpg,8-13\nc.jpg,25-32\nsub/d.jpg,"(27, 32)"\na.jpg,25-23\na.jpg,\n';
      const [dataset] = await open(text, { classes });
      expect(labelled(dataset)).toEqual([['4-12', undefined], ['13-59', undefined], ['13-59', undefined]]);
      expect(dataset.problems.map(({ line, reason }) => [line, reason])).toEqual([
        [3, 'the label "8-13" lies in none of the bands 0-3, 4-12, 13-59, 60+ as a whole'],
        [6, 'the label "25-23" is not one of 0-3, 4-12, 13-59, 60+'],
        [7, 'the label is empty'],
      ]);
      expect(await refusal('file,label\na.jpg,8-13\n', { classes })).toMatch(/no row can be used; line 2: the label "8-13"/);
    });

    it('leaves labels as they are that all stand in the list, and those of the eight bands', async () => {
      const [own] = await open('file,label,age\na.jpg,4-12,3\nb.jpg,60+,70\n', { classes });
      expect(labelled(own)).toEqual([['4-12', 3], ['60+', 70]]);
      const [eight] = await open('file,band,age\na.jpg,0-2,3\nb.jpg,60+,\nc.jpg,4-6,5\n', { classes: ['0-2', '60+'] });
      expect(eight.samples.map(({ label, age }) => [label, age])).toEqual([[0, 3], [1, undefined]]);
      expect(eight.problems).toMatchObject([{ line: 4 }]);
    });
  });

  it('finds pictures under another folder', async () => {
    const root = await temporaryFolder(PICTURES);
    const [{ samples }] = await open('file,label\nd.jpg,x\n', { root: join(root, 'sub') });
    expect(samples[0]?.file).toBe(join(root, 'sub/d.jpg'));
  });

  it('refuses what cannot be used at all', async () => {
    expect(await refusal('path,label\na.jpg,x\n')).toMatch(/a column 'file', got path, label/);
    expect(await refusal('file,sex\na.jpg,x\n')).toMatch(/'band', 'label' or 'age'/);
    expect(await refusal('')).toMatch(/a column 'file'/);
    expect(await refusal('file,label\n')).toMatch(/no row can be used/);
    expect(await refusal('file,label\nnone.jpg,x\n')).toMatch(/no row can be used; line 2: no such file/);
    const elsewhere = await temporaryFolder({ 'm.csv': 'file,label\na.jpg,x\n' });
    await expect(openManifest(join(elsewhere, 'm.csv'))).rejects.toMatchObject({ hint: expect.stringContaining('--root') as string });
    expect(await refusal('file,label,split\na.jpg,x,train\nnone.jpg,x,test\n')).toMatch(
      /no row of the test split can be used; line 3: no such file/,
    );
    expect(await refusal('file,label,split\na.jpg,x,train\n../b.jpg,x,test\n')).toMatch(/no row of the test split .* line 3: the path/);
    await expect(openManifest('/no/such/list.csv')).rejects.toThrow(FileError);
  });
});
