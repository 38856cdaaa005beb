import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset } from './dataset.js';
import { materialiseSplit } from './materialise.js';

const FILES = {
  'in/a.jpg': 'a',
  'in/x/b.jpg': 'b',
  'in/y/b.jpg': 'other b',
  'in/c.png': 'c',
  'in/d.jpg': 'd',
  'in/between.jpg': '',
};
const MANIFEST = [
  'file,subject,band,split',
  'a.jpg,s1,0-2,train',
  'x/b.jpg,s2,60+,train',
  'y/b.jpg,s3,60+,train',
  'c.png,s4,0-2,val',
  'd.jpg,s5,60+,test',
  'between.jpg,s6,,test',
].join('\n');

/** A folder that links from the temporary folder cannot lead to, where the machine has one. */
const OTHER_DISK = ['/dev/shm'].find((folder) => {
  const there = statSync(folder, { throwIfNoEntry: false });
  return there !== undefined && there.dev !== statSync(tmpdir()).dev;
});

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []))
    .sort();
}

const PLACED = [
  'manifest.csv',
  'test/60+/d.jpg',
  'train/0-2/a.jpg',
  'train/60+/b-2.jpg',
  'train/60+/b.jpg',
  'valid/0-2/c.png',
];

async function prepared(manifest = MANIFEST) {
  const root = await temporaryFolder({ ...FILES, 'in/m.csv': manifest });
  return { root, manifest: join(root, 'in/m.csv'), into: join(root, 'out') };
}

describe('materialiseSplit', () => {
  it('copies the pictures into folders of splits and bands, with a manifest of where they came from', async () => {
    const { manifest, into } = await prepared();
    const calls: number[] = [];
    expect(await materialiseSplit(manifest, { into, how: 'copy' }, (done) => calls.push(done))).toEqual({
      into,
      pictures: 5,
      copiedInstead: 0,
      withoutBand: 1,
      problems: [],
    });
    expect(calls).toEqual([1, 2, 3, 4, 5]);
    expect(await files(into)).toEqual(PLACED);
    expect(await readFile(join(into, 'train/60+/b-2.jpg'), 'utf8')).toBe('other b');
    expect((await stat(join(into, 'train/60+/b.jpg'))).nlink).toBe(1);
    expect((await readFile(join(into, 'manifest.csv'), 'utf8')).split('\n').slice(0, 4)).toEqual([
      'file,subject,band,split,original',
      'train/0-2/a.jpg,s1,0-2,train,a.jpg',
      'train/60+/b.jpg,s2,60+,train,x/b.jpg',
      'train/60+/b-2.jpg,s3,60+,train,y/b.jpg',
    ]);
  });

  it('makes links that train takes', async () => {
    const text = MANIFEST.replace('c.png,s4,0-2,val', 'c.png,s4,60+,val').replace('a.jpg,s1,0-2', 'a.jpg,s1,60+');
    const { root, manifest, into } = await prepared(text);
    expect(await materialiseSplit(manifest, { into, how: 'link' })).toMatchObject({ pictures: 5, copiedInstead: 0 });
    const [source, target] = await Promise.all([stat(join(root, 'in/x/b.jpg')), stat(join(into, 'train/60+/b.jpg'))]);
    expect(target.ino).toBe(source.ino);
    const { kind, samples, problems } = await openDataset(into);
    expect({ kind, pictures: samples.length, problems }).toEqual({ kind: 'split-folders', pictures: 5, problems: [] });
  });

  it.skipIf(OTHER_DISK === undefined)('copies where no link can be made', async () => {
    const { manifest } = await prepared();
    const into = await mkdtemp(join(OTHER_DISK!, 'ageband-test-'));
    onTestFinished(() => rm(into, { recursive: true }));
    expect(await materialiseSplit(manifest, { into, how: 'link' })).toMatchObject({ pictures: 5, copiedInstead: 5 });
    expect(await files(into)).toEqual(PLACED);
  });

  it('goes on where it was interrupted', async () => {
    const { manifest, into } = await prepared();
    await materialiseSplit(manifest, { into, how: 'copy' });
    await rm(join(into, 'train/60+/b-2.jpg'));
    await writeFile(join(into, 'train/0-2/a.jpg'), 'is not written again');
    // As a process that is no more would have left it.
    await writeFile(join(into, 'train/60+/.ageband-999999999-00ff.tmp'), 'half');
    expect(await materialiseSplit(manifest, { into, how: 'copy' })).toMatchObject({ pictures: 5 });
    expect(await files(into)).toEqual(PLACED);
    expect(await readFile(join(into, 'train/60+/b-2.jpg'), 'utf8')).toBe('other b');
    expect(await readFile(join(into, 'train/0-2/a.jpg'), 'utf8')).toBe('is not written again');
  });

  it('refuses a folder that holds something else', async () => {
    const { manifest, into } = await prepared();
    await mkdir(into);
    await writeFile(join(into, 'mine.txt'), '');
    await expect(materialiseSplit(manifest, { into, how: 'copy' })).rejects.toThrow(ConfigError);
    expect(await readdir(into)).toEqual(['mine.txt']);
    await rm(join(into, 'mine.txt'));
    await materialiseSplit(manifest, { into, how: 'copy' });
    await writeFile(manifest, MANIFEST.replace('60+,test', '60+,train'));
    await expect(materialiseSplit(manifest, { into, how: 'copy' })).rejects.toThrow('the folder is not empty');
  });

  it('leaves out what it cannot place, and never leaves the folders', async () => {
    const { root, manifest, into } = await prepared(
      [
        'file,band,split',
        'a.jpg,../../up,train',
        'c.png,CON,train',
        'd.jpg,0-2,holdout',
        'none.jpg,0-2,train',
        'm.csv,0-2,train',
        'secret.jpg,0-2,train',
        'x,0-2,train',
        '../in/a.jpg,0-2,train',
        '../outside.jpg,0-2,train',
      ].join('\n'),
    );
    await writeFile(join(root, 'outside.jpg'), 'secret');
    await symlink(join(root, 'outside.jpg'), join(root, 'in/secret.jpg'));
    const folder = join(root, 'in');
    const { problems } = await materialiseSplit(manifest, { into, how: 'copy' });
    expect(problems.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'the row names none of the splits train, valid and test'],
      [5, `no such file: ${join(folder, 'none.jpg')}`],
      [6, `${join(folder, 'm.csv')} has no ending of a picture, so it would be passed over`],
      [7, `the path secret.jpg is a link out of ${folder}, which is not followed`],
      [8, `${join(folder, 'x')} has no ending of a picture, so it would be passed over`],
      [10, `the path ../outside.jpg leads out of ${folder}`],
    ]);
    expect(await files(into)).toEqual(['manifest.csv', 'train/0-2/a.jpg', 'train/_CON/c.png', 'train/__.._up/a.jpg']);
  });

  it('refuses a manifest without a split', async () => {
    const { manifest, into } = await prepared('file,band\na.jpg,0-2\n');
    await expect(materialiseSplit(manifest, { into, how: 'copy' })).rejects.toThrow(DataError);
    await expect(readdir(into)).rejects.toThrow();
  });
});
