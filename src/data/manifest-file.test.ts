import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
