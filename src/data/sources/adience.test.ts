import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { foldFiles } from '../../../test/support/adience.js';
import { foldLine } from '../../../test/support/fold-text.js';
import { temporaryFolder } from '../../../test/support/folder.js';
import { tinyPicture } from '../../../test/support/picture.js';
import { ConfigError } from '../../base/errors.js';
import { readAdience } from './adience.js';

/** The real data set, or the part of it that may be there, beside the repository. */
const REAL = fileURLToPath(new URL('../../../../shared/data/adience', import.meta.url));

/** Two albums, four subjects, ten rows: each kind of label, one repeat, one face without a picture, one file of text. */
async function smallAdience(): Promise<string> {
  const picture = await tinyPicture();
  const pictures = [1, 2, 3, 4].flatMap((number) =>
    [1, 2].map((subject) => [`aligned/x@N00/landmark_aligned_face.${subject}.${number}.jpg`, picture] as const),
  );
  return await temporaryFolder({
    ...foldFiles([
      [
        foldLine('x@N00', '1.jpg', 1, '(0, 2)', 'f'),
        foldLine('x@N00', '1.jpg', 2, '(25, 23)'),
        foldLine('x@N00', '2.jpg', 1, '(0, 2)', 'u'),
        foldLine('x@N00', '1.jpg', 1, '(0, 2)', 'f'),
        foldLine('x@N00', '2.jpg', 2, '35'),
        foldLine('x@N00', '3.jpg', 2, 'None'),
      ],
      [],
      [
        foldLine('y@N00', '5.jpg', 3, '(60, 100)'),
        foldLine('y@N00', '6.jpg', 3, '(60, 100)'),
        foldLine('y@N00', '6.jpg', 4, '(38, 42)'),
        'y@N00\t7.jpg',
      ],
    ]),
    ...Object.fromEntries(pictures),
    'aligned/y@N00/landmark_aligned_face.3.6.jpg': 'no picture',
  });
}

describe('readAdience', () => {
  it('counts the faces of the fold files, and gives rows for the pictures that are there', async () => {
    const folder = await smallAdience();
    const { columns, rows, problems, counts } = await readAdience(folder);
    expect(columns).toEqual(['file', 'subject', 'band', 'age', 'gender', 'fold', 'album']);
    const common = { fold: 0, album: 'x@N00' };
    expect(rows).toEqual([
      { ...common, file: 'aligned/x@N00/landmark_aligned_face.1.1.jpg', subject: '1', band: '0-2', gender: 'f' },
      { ...common, file: 'aligned/x@N00/landmark_aligned_face.2.1.jpg', subject: '2', band: '25-32', gender: 'm' },
      { ...common, file: 'aligned/x@N00/landmark_aligned_face.1.2.jpg', subject: '1', band: '0-2' },
      { ...common, file: 'aligned/x@N00/landmark_aligned_face.2.2.jpg', subject: '2', age: 35, gender: 'm' },
    ]);
    expect(problems.map(({ file, line, kind }) => [file.slice(-15), line, kind])).toEqual([
      ['fold_0_data.txt', 5, 'repeat'],
      ['fold_0_data.txt', 7, 'label'],
      ['fold_2_data.txt', 2, 'missing'],
      ['fold_2_data.txt', 3, 'unreadable'],
      ['fold_2_data.txt', 4, 'label'],
      ['fold_2_data.txt', 5, 'damaged'],
    ]);
    expect(rows.length + problems.length).toBe(10);
    expect(counts).toMatchObject({ rows: 9, repeats: 1, faces: 8, subjects: 4, albums: 2, labelled: 5 });
    expect(counts.perBand.map(({ faces }) => faces)).toEqual([2, 0, 0, 0, 1, 0, 0, 2]);
    expect(counts.labels).toEqual([
      { label: '(0, 2)', outcome: 'kept', band: '0-2', faces: 2 },
      { label: '(60, 100)', outcome: 'kept', band: '60+', faces: 2 },
      { label: '(25, 23)', outcome: 'mended', band: '25-32', faces: 1 },
      { label: '35', outcome: 'age only', faces: 1 },
      { label: 'None', outcome: 'dropped', faces: 1 },
      { label: '(38, 42)', outcome: 'dropped', faces: 1 },
    ]);
  });

  it('keeps repeats and drops the typo with the published labels', async () => {
    const { rows, problems, counts } = await readAdience(await smallAdience(), { labels: 'published' });
    expect(rows.map(({ subject, band }) => [subject, band])).toEqual([['1', '0-2'], ['1', '0-2'], ['1', '0-2']]);
    expect(rows[0]).toEqual(rows[2]);
    expect(rows.length + problems.length).toBe(10);
    expect(counts).toMatchObject({ rows: 9, repeats: 1, faces: 8, labelled: 5 });
    expect(counts.perBand.map(({ faces }) => faces)).toEqual([3, 0, 0, 0, 0, 0, 0, 2]);
  });

  it('gives single years the nearest band, or drops them', async () => {
    const folder = await smallAdience();
    const nearest = await readAdience(folder, { between: 'nearest' });
    expect(nearest.rows[3]).toMatchObject({ band: '25-32', age: 35 });
    expect(nearest.counts.labelled).toBe(6);
    const dropped = await readAdience(folder, { between: 'drop' });
    expect(dropped.rows).toHaveLength(3);
    expect(dropped.problems).toHaveLength(7);
    await expect(readAdience(folder, { labels: 'published', between: 'keep' })).rejects.toThrow(ConfigError);
  });

  it('does not follow a link out of the folder', async () => {
    const folder = await smallAdience();
    const outside = join(await temporaryFolder({ 'a.png': await tinyPicture() }), 'a.png');
    await symlink(outside, join(folder, 'aligned/y@N00/landmark_aligned_face.3.5.jpg'));
    const { problems } = await readAdience(folder);
    expect(problems[2]).toMatchObject({ line: 2, reason: expect.stringMatching(/^a link out of/) as string });
  });
});

describe.skipIf(!existsSync(join(REAL, 'folds')))('readAdience on the real fold files', () => {
  it('finds what is known of them', async () => {
    const { counts, rows, problems } = await readAdience(REAL);
    const { perBand, ...totals } = counts;
    expect(totals).toMatchObject({ rows: 19_487, repeats: 117, faces: 19_370, subjects: 2284, albums: 168 });
    expect(counts.labelled).toBe(17_393);
    expect(perBand.map(({ faces }) => faces)).toEqual([2488, 2140, 2124, 1642, 5004, 2293, 830, 872]);
    expect(rows.length + problems.length).toBe(19_487);
  });

  it('finds as many published labels as others do', async () => {
    const { counts, rows, problems } = await readAdience(REAL, { labels: 'published' });
    expect(counts.labelled).toBe(17_424);
    expect(counts.perBand.map(({ faces }) => faces)).toEqual([2519, 2163, 2132, 1655, 4950, 2300, 830, 875]);
    expect(rows.length + problems.length).toBe(19_487);
  });
});
