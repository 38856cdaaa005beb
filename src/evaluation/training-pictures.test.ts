import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { trainingPicturesOf } from './training-pictures.js';

/** A run that knows its pictures and where it started from, and nothing else. */
async function writeRunRecord(path: string, rows: readonly string[], settings: Record<string, unknown> = {}): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.json'), JSON.stringify({ data: '/data', classes: ['x', 'y'], ...settings }));
  await writeFile(join(path, 'split.csv'), `file,label,age,group,split\n${rows.join('\n')}\n`);
}

async function filesOf(run: string): Promise<string[]> {
  return (await trainingPicturesOf(run)).samples.map(({ file }) => file).sort();
}

describe('trainingPicturesOf', () => {
  it('are those of the run and of the runs that it started from', async () => {
    const folder = await temporaryFolder();
    const [base, fine, finest] = ['base', 'fine', 'finest'].map((name) => join(folder, name)) as [string, string, string];
    await writeRunRecord(base, ['/1.jpg,x,,anna,train', '/2.jpg,y,,ben,test', '/3.jpg,x,,,train']);
    await writeRunRecord(fine, ['/3.jpg,x,,,train'], { from: base });
    await writeRunRecord(finest, ['/4.jpg,x,,carl,train'], { from: fine });
    const { samples, unknownRuns } = await trainingPicturesOf(finest);
    expect(samples.map(({ file, group }) => [file, group]).sort()).toEqual([
      ...[['/1.jpg', 'anna'], ['/3.jpg', undefined], ['/4.jpg', 'carl']],
    ]);
    expect(unknownRuns).toEqual([]);
    await rename(base, join(folder, 'moved'));
    expect((await trainingPicturesOf(finest)).unknownRuns).toEqual([base]);
    await expect(trainingPicturesOf(base)).rejects.toThrow(/no such folder/);
  });

  it('are not known of an imported run, nor of one that has lost its list', async () => {
    const folder = await temporaryFolder();
    const [imported, fine] = [join(folder, 'imported'), join(folder, 'fine')];
    await writeRunRecord(imported, [], { imported: true });
    await writeRunRecord(fine, ['/1.jpg,x,,,train'], { from: imported });
    expect((await trainingPicturesOf(imported)).unknownRuns).toEqual([imported]);
    expect((await trainingPicturesOf(fine)).unknownRuns).toEqual([imported]);
    expect(await filesOf(fine)).toEqual(['/1.jpg']);
    await rm(join(fine, 'split.csv'));
    expect((await trainingPicturesOf(fine)).unknownRuns).toEqual([fine, imported]);
  });

  it('end where a run is its own ancestor', async () => {
    const run = join(await temporaryFolder(), 'run');
    await writeRunRecord(run, ['/1.jpg,x,,,train'], { from: run });
    expect(await filesOf(run)).toEqual(['/1.jpg']);
  });
});
