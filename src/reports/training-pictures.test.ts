import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { countKnown, trainingPicturesOf } from './training-pictures.js';

/** A run that knows its pictures and where it started from, and nothing else. */
async function writeRunRecord(path: string, rows: readonly string[], from?: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.json'), JSON.stringify({ data: '/data', classes: ['x', 'y'], ...(from === undefined ? {} : { from }) }));
  await writeFile(join(path, 'split.csv'), `file,label,age,group,split\n${rows.join('\n')}\n`);
}

describe('trainingPicturesOf', () => {
  it('are those of the run and of the runs that it started from', async () => {
    const folder = await temporaryFolder();
    const [base, fine, finest] = ['base', 'fine', 'finest'].map((name) => join(folder, name)) as [string, string, string];
    await writeRunRecord(base, ['/1.jpg,x,,anna,train', '/2.jpg,y,,ben,test']);
    await writeRunRecord(fine, ['/3.jpg,x,,,train'], base);
    await writeRunRecord(finest, ['/4.jpg,x,,carl,train'], fine);
    const pictures = await trainingPicturesOf(finest);
    expect([...pictures.files].sort()).toEqual(['/1.jpg', '/3.jpg', '/4.jpg']);
    expect([...pictures.groups].sort()).toEqual(['anna', 'carl']);
    expect(pictures.unknownRuns).toEqual([]);
    await rename(base, join(folder, 'moved'));
    expect((await trainingPicturesOf(finest)).unknownRuns).toEqual([base]);
    await expect(trainingPicturesOf(base)).rejects.toThrow(/no such folder/);
  });

  it('end where a run is its own ancestor', async () => {
    const run = join(await temporaryFolder(), 'run');
    await writeRunRecord(run, ['/1.jpg,x,,,train'], run);
    expect([...(await trainingPicturesOf(run)).files]).toEqual(['/1.jpg']);
  });
});

describe('countKnown', () => {
  it('counts whole subjects: by a name, or by one of their files', () => {
    const trained = { files: new Set(['/1.jpg', '/5.jpg']), groups: new Set(['anna']), unknownRuns: [] };
    const samples = [
      { file: '/a.jpg', label: 0, group: 'anna' },
      { file: '/b.jpg', label: 0, group: 'ben' },
      { file: '/5.jpg', label: 0, group: 'ben' },
      { file: '/c.jpg', label: 0, group: 'carl' },
      { file: '/d.jpg', label: 0 },
      { file: '/1.jpg', label: 0 },
    ];
    expect(countKnown(samples, trained)).toEqual({ groups: 3, ofGroups: 5, pictures: 4, ofPictures: 6 });
  });
});
