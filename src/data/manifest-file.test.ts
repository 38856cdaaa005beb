import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { writeManifest } from './manifest-file.js';
import { readTable } from './manifest-table.js';

it('writes what the reader of manifests reads', async () => {
  const path = join(await temporaryFolder(), 'manifest.csv');
  const rows = [
    ['a, "b".jpg', '0-2', ''],
    ['c.jpg', '60+', '71'],
  ];
  await writeManifest(path, { header: ['file', 'band', 'age'], rows });
  const table = readTable(await readFile(path, 'utf8'));
  expect(table.header).toEqual(['file', 'band', 'age']);
  expect(table.rows.map(({ values }) => values)).toEqual(rows);
});

it('writes rows as they are made, with the same bytes', async () => {
  const path = join(await temporaryFolder(), 'manifest.csv');
  const rows = Array.from({ length: 2999 }, (_, index) => [`${index}.jpg`, 'a "b", c', index % 3 === 0 ? '' : 'ä\nb']);
  await writeManifest(path, { header: ['file', 'x', 'y'], rows: rows.values() });
  expect(await readFile(path, 'utf8')).toBe(stringify([['file', 'x', 'y'], ...rows]));
  await writeManifest(path, { header: ['file'], rows: [] });
  expect(await readFile(path, 'utf8')).toBe('file\n');
});
