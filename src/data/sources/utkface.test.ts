import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { tinyPictures } from '../../../test/support/picture.js';
import { readTable } from '../manifest-table.js';
import { readTextFile } from '../text-file.js';
import { LeftOutError } from './source.js';
import { parseUtkfaceName, readUtkface } from './utkface.js';

/** The list of the data set's part that may be there, beside the repository; others have read the names for it. */
const REAL = fileURLToPath(new URL('../../../../shared/data/utkface/index.csv', import.meta.url));

describe('parseUtkfaceName', () => {
  it('reads the names as they should be', () => {
    expect(parseUtkfaceName('100_1_0_20170112213500903.jpg')).toEqual({ age: 100, gender: 'f' });
    expect(parseUtkfaceName('1_0_4_20161219140623097.jpg.chip.jpg')).toEqual({ age: 1, gender: 'm' });
  });

  it('reads what can be read of irregular names', () => {
    expect(parseUtkfaceName('39_1_20170116174525125.jpg')).toEqual({ age: 39, gender: 'f' });
    expect(parseUtkfaceName('24_0_1_20170116220224657 .jpg.chip.jpg')).toEqual({ age: 24, gender: 'm' });
    expect(parseUtkfaceName('55_0_0_20170116232725357jpg.chip.jpg')).toEqual({ age: 55, gender: 'm' });
    expect(parseUtkfaceName('53__0_20170116184028385.jpg')).toEqual({ age: 53, gender: undefined });
    expect(parseUtkfaceName('44_3_1_20170116184028385.jpg')).toEqual({ age: 44, gender: undefined });
    expect(parseUtkfaceName('44_20170116184028385.jpg')).toEqual({ age: 44, gender: undefined });
    expect(parseUtkfaceName('30_1_0_1_20170116184028385_copy.png')).toEqual({ age: 30, gender: 'f' });
  });

  it('refuses names without an age, and ages that are none', () => {
    for (const name of ['_1_0_2017.jpg', 'IMG_0001.jpg', '100_0001.jpg', '20170112_1_0.jpg', '-3_1_0.jpg', '23.jpg']) {
      expect(() => parseUtkfaceName(name), name).toThrow(/not of the form/);
    }
    expect(() => parseUtkfaceName('999_1_0_2017.jpg')).toThrow(LeftOutError);
  });
});

describe('readUtkface', () => {
  it('walks the folders below, and gives ages between bands what the rule says', async () => {
    const root = await temporaryFolder({
      ...(await tinyPictures('part1/3_0_0_20170101000000000.jpg', 'part2/61_1_0_20170101000000000.jpg', 'b.jpg')),
      'part2/5_1_0_20170101000000000.jpg': 'no picture',
    });
    const young = { file: 'part1/3_0_0_20170101000000000.jpg', age: 3, gender: 'm' };
    const old = { file: 'part2/61_1_0_20170101000000000.jpg', age: 61, band: '60+', gender: 'f' };
    const { columns, rows, problems } = await readUtkface(root);
    expect(columns).toEqual(['file', 'band', 'age', 'gender']);
    expect(rows).toEqual([young, old]);
    expect(problems.map(({ file, kind }) => [file, kind])).toEqual([
      [join(root, 'b.jpg'), 'damaged'],
      [join(root, 'part2/5_1_0_20170101000000000.jpg'), 'unreadable'],
    ]);
    expect((await readUtkface(root, { between: 'nearest' })).rows).toEqual([{ ...young, band: '0-2' }, old]);
    const dropped = await readUtkface(root, { between: 'drop' });
    expect(dropped.rows).toEqual([old]);
    expect(dropped.problems[1]).toMatchObject({ kind: 'between', reason: expect.stringMatching(/0-2 and 4-6/) as string });
  });

  it('reports a name that would not fit into a line of the manifest', async () => {
    const root = await temporaryFolder(await tinyPictures('3_0_0_20170101\n.jpg'));
    const { rows, problems } = await readUtkface(root);
    expect(rows).toEqual([]);
    expect(problems).toMatchObject([{ kind: 'damaged', reason: 'the name holds a line break' }]);
  });

  it('tells how far it is', async () => {
    const root = await temporaryFolder(await tinyPictures('3_0_0_20170101.jpg', '4_0_0_20170101.jpg'));
    const told: number[][] = [];
    await readUtkface(root, { onProgress: (done, total) => told.push([done, total]) });
    expect(told).toEqual([[1, 2], [2, 2]]);
  });

  it('refuses a folder that is not there', async () => {
    await expect(readUtkface('/no/such/folder')).rejects.toThrow('/no/such/folder: no such folder');
    await expect(readUtkface(import.meta.filename)).rejects.toThrow('is a file, but a folder is needed');
  });
});

it.skipIf(!existsSync(REAL))('reads the real names as others have read them', async () => {
  const rows = readTable(await readTextFile(REAL)).rows.map(({ values }) => values!);
  expect(rows).toHaveLength(20_712);
  const wrong = rows.filter(([file, age, gender]) => {
    const read = parseUtkfaceName(file!);
    return String(read.age) !== age || read.gender !== gender;
  });
  expect(wrong).toEqual([]);
});
