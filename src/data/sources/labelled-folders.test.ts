import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../../test/support/folder.js';
import { tinyPictures } from '../../../test/support/picture.js';
import { DataError } from '../../base/errors.js';
import { readLabelledFolders } from './labelled-folders.js';
import type { SourceOptions, SourceTable } from './source.js';

async function read(names: readonly string[], options?: SourceOptions): Promise<SourceTable> {
  return await readLabelledFolders(await temporaryFolder(await tinyPictures(...names)), options);
}

describe('readLabelledFolders', () => {
  it('reads a folder per band, in any spelling', async () => {
    const { columns, rows } = await read(['(8, 12)/a.jpg', '60+/x/y/b.jpg', '0-2/c.jpg']);
    expect(columns).toEqual(['file', 'band']);
    expect(rows).toEqual([
      { file: '(8, 12)/a.jpg', band: '8-13' },
      { file: '0-2/c.jpg', band: '0-2' },
      { file: '60+/x/y/b.jpg', band: '60+' },
    ]);
  });

  it('reads a folder per age', async () => {
    const { columns, rows } = await read(['061/a.jpg', '22/b.jpg', '3/c.jpg']);
    expect(columns).toEqual(['file', 'band', 'age']);
    expect(rows).toEqual([
      { file: '061/a.jpg', age: 61, band: '60+' },
      { file: '22/b.jpg', age: 22 },
      { file: '3/c.jpg', age: 3 },
    ]);
    expect((await read(['22/b.jpg', '30/a.jpg'], { between: 'drop' })).rows).toHaveLength(1);
  });

  it('reads a folder per class', async () => {
    const { columns, rows, problems } = await read(['old/a.jpg', 'young/b.jpg']);
    expect(columns).toEqual(['file', 'label']);
    expect(rows).toEqual([
      { file: 'old/a.jpg', label: 'old' },
      { file: 'young/b.jpg', label: 'young' },
    ]);
    expect(problems).toEqual([]);
  });

  it('reports what has no label', async () => {
    const { rows, problems } = await read(['0-2/a.jpg', 'misc/b.jpg', '999/c.jpg', 'd.jpg']);
    expect(rows).toEqual([{ file: '0-2/a.jpg', band: '0-2' }]);
    expect(problems.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['damaged', 'the picture lies outside the folders that tell its label'],
      ['damaged', 'the age must be a number from 0 to 130, got "999"'],
      ['label', 'left out: "misc" is neither an age nor an age band'],
    ]);
  });

  it('refuses a folder without folders, and one that is split', async () => {
    await expect(read(['a.jpg'])).rejects.toThrow(/no folders/);
    const split = await temporaryFolder(emptyFiles('train/0-2/a.jpg', 'test/0-2/b.jpg'));
    await expect(readLabelledFolders(split)).rejects.toThrow(DataError);
  });
});
