import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { tinyPictures } from '../../../test/support/picture.js';
import { DataError, FileError } from '../../base/errors.js';
import { openManifest } from '../manifest.js';
import type { SourceTable } from './source.js';
import { summariseSource } from './summary.js';
import { writeSource } from './write-source.js';

function tableIn(folder: string): SourceTable {
  return {
    folder,
    columns: ['file', 'subject', 'band', 'age', 'toString', 'fold'],
    rows: [
      { file: 'a, b.jpg', subject: '7', band: '60+', age: 61, others: { toString: 'x' } },
      { file: 'c.jpg', age: 22, fold: 0, others: {} },
    ],
    problems: [{ file: 'list.csv', line: 3, kind: 'damaged', reason: 'because' }],
  };
}

it('writes a manifest that can be trained on, and the problems beside it', async () => {
  const folder = await temporaryFolder(await tinyPictures('a, b.jpg', 'c.jpg'));
  const written = await writeSource(tableIn(folder));
  expect(written).toEqual({
    manifest: join(folder, 'manifest.csv'),
    problems: join(folder, 'manifest.problems.csv'),
  });
  expect(await readFile(written.manifest, 'utf8')).toBe(
    'file,subject,band,age,toString,fold\n"a, b.jpg",7,60+,61,x,\nc.jpg,,,22,,0\n',
  );
  expect(await readFile(written.problems!, 'utf8')).toBe('file,line,reason\nlist.csv,3,because\n');
  const { classes, samples, problems } = await openManifest(written.manifest);
  expect(classes).toEqual(['60+']);
  expect(samples).toEqual([{ file: join(folder, 'a, b.jpg'), label: 0, age: 61, group: '7' }]);
  expect(problems).toMatchObject([{ line: 3, reason: 'the age 22 lies between the bands 15-20 and 25-32' }]);
});

it('writes to another path, and removes a list of problems that no longer holds', async () => {
  const [folder, out] = [await temporaryFolder(), join(await temporaryFolder(), 'list.csv')];
  const written = await writeSource(tableIn(folder), out);
  expect(written.problems).toBe(out.replace('list.csv', 'list.problems.csv'));
  expect(await writeSource({ ...tableIn(folder), problems: [] }, out)).toEqual({ manifest: out });
  expect(existsSync(written.problems!)).toBe(false);
});

it('refuses to write a manifest without rows, and says why there are none', async () => {
  const folder = await temporaryFolder();
  await expect(writeSource({ ...tableIn(folder), rows: [] })).rejects.toThrow(DataError);
  expect(existsSync(join(folder, 'manifest.csv'))).toBe(false);
  expect(existsSync(join(folder, 'manifest.problems.csv'))).toBe(true);
  await expect(writeSource(tableIn(folder), join(folder, 'none/list.csv'))).rejects.toThrow(FileError);
});

it('summariseSource counts classes and what was left out', () => {
  const { pictures, classes, withoutBand, leftOut } = summariseSource(tableIn('x'));
  expect([pictures, withoutBand, leftOut]).toEqual([2, 1, { damaged: 1 }]);
  expect(classes.map((count) => count.pictures)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  const rows = ['b', 'a', 'b'].map((label) => ({ file: 'x.jpg', label }));
  expect(summariseSource({ folder: 'x', columns: ['file', 'label'], rows, problems: [] }).classes).toEqual([
    { name: 'a', pictures: 1 },
    { name: 'b', pictures: 2 },
  ]);
});
