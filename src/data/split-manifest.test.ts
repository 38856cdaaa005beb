import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { jpeg } from '../../test/support/pictures.js';
import { ConfigError, DataError, FileError } from '../base/errors.js';
import { openManifest } from './manifest.js';
import { readTable } from './manifest-table.js';
import { splitManifest } from './split-manifest.js';
import type { SplitManifestOptions } from './split-manifest.js';

const BLIND = { nearDuplicates: false } as const;

/** Splits a manifest and reads what was written: an object per row. */
async function split(text: string, options: SplitManifestOptions = BLIND) {
  const folder = await temporaryFolder({ 'm.csv': text });
  const report = await splitManifest(join(folder, 'm.csv'), options);
  const { header, rows } = readTable(await readFile(report.out, 'utf8'));
  const records = rows.map(({ values }) => Object.fromEntries(header.map((name, column) => [name, values![column]!])));
  return { folder, report, header, records };
}

/** Ten subjects of each of two bands with two pictures each. */
const SUBJECTS = Array.from({ length: 40 }, (_, index) => `${index}.jpg,s${index >> 1},${index < 20 ? '0-2' : '60+'}`);
const MANIFEST = `file,subject,band\n${SUBJECTS.join('\n')}\n`;

describe('splitManifest', () => {
  it('divides subjects in proportion and reports what it did', async () => {
    const { folder, report, records } = await split(MANIFEST);
    expect(report).toEqual({
      out: join(folder, 'm.split.csv'),
      root: folder,
      column: 'split',
      parts: ['train', 'valid', 'test'],
      strata: ['0-2', '60+'],
      counts: [
        [12, 4, 4],
        [12, 4, 4],
      ],
      groups: [12, 4, 4],
      groupCount: 20,
      largestGroup: 2,
      groupedBy: 'subject',
      stratifiedBy: 'band',
      nearDuplicates: undefined,
      leaks: undefined,
      problems: [],
    });
    expect(records.map(({ file }) => file)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}.jpg`));
    for (let index = 0; index < 40; index += 2) expect(records[index]!.split).toBe(records[index + 1]!.split);
  });

  it('depends on the seed alone, and can be opened by train', async () => {
    const first = await split(MANIFEST);
    const again = await split(MANIFEST, { ...BLIND, seed: 1 });
    expect(again.records).toEqual(first.records);
    expect((await split(MANIFEST, { ...BLIND, seed: 2 })).records).not.toEqual(first.records);
    // Splitting the result again forgets its split and draws the same.
    const text = await readFile(first.report.out, 'utf8');
    expect((await split(text)).records).toEqual(first.records);
    const files = Object.fromEntries(SUBJECTS.map((row) => [row.split(',')[0]!, '']));
    const folder = await temporaryFolder({ ...files, 'm.csv': text.replace('band', 'label') });
    expect((await openManifest(join(folder, 'm.csv'))).samples).toHaveLength(40);
  });

  it('carries all other columns along, and pictures without a band', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => `"x, ""${index}""",${index}.jpg,${index % 2 ? 22 : 30},`);
    const { header, records, report } = await split(`note,file,age,band\n${rows.join('\n')}\n`);
    expect(header).toEqual(['note', 'file', 'age', 'band', 'split']);
    expect(records.map(({ note }) => note)).toEqual(rows.map((_, index) => `x, "${index}"`));
    expect(report.strata).toEqual(['none']);
    expect(report.counts).toEqual([[12, 4, 4]]);
    const byAge = await split(`file,age\n${rows.map((row) => row.split(',').slice(2, 4).join(',')).join('\n')}\n`);
    expect(byAge.report).toMatchObject({
      stratifiedBy: 'age',
      strata: ['25-32', 'none'],
      counts: [
        [6, 2, 2],
        [6, 2, 2],
      ],
    });
  });

  it('groups and stratifies by any column, or by none', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `${index}.jpg,${index % 20},${'fm'[index % 2]!},${index}`);
    const text = `file,album,gender,subject\n${rows.join('\n')}\n`;
    const { report, records } = await split(text, { ...BLIND, groupBy: 'album', stratify: 'gender' });
    expect(report).toMatchObject({ groupedBy: 'album', stratifiedBy: 'gender', groupCount: 20, largestGroup: 3 });
    expect(report.counts).toEqual([
      [18, 6, 6],
      [18, 6, 6],
    ]);
    for (let index = 20; index < 60; index++) expect(records[index]!.split).toBe(records[index - 20]!.split);
    const free = (await split(text, { ...BLIND, groupBy: 'none', stratify: 'none' })).report;
    expect(free).toMatchObject({
      groupedBy: undefined,
      stratifiedBy: undefined,
      groupCount: 60,
      counts: [[36, 12, 12]],
    });
  });

  it('draws equal folds', async () => {
    const { report, records } = await split(MANIFEST, { ...BLIND, folds: 5 });
    expect(report).toMatchObject({ column: 'fold', parts: ['0', '1', '2', '3', '4'], groups: [4, 4, 4, 4, 4] });
    expect(report.counts).toEqual([
      [4, 4, 4, 4, 4],
      [4, 4, 4, 4, 4],
    ]);
    for (let index = 0; index < 40; index += 2) expect(records[index]!.fold).toBe(records[index + 1]!.fold);
  });

  it('the protocol of the report cuts subjects, and counts what leaks', async () => {
    const { report, records } = await split(MANIFEST, { ...BLIND, protocol: 'report' });
    expect(report.counts).toEqual([
      [12, 4, 4],
      [12, 4, 4],
    ]);
    const inTraining = new Set(records.filter((row) => row.split === 'train').map(({ subject }) => subject));
    const test = records.filter((row) => row.split === 'test');
    const leaking = test.filter(({ subject }) => inTraining.has(subject));
    expect(leaking.length).toBeGreaterThan(0);
    expect(report.leaks).toEqual({
      groups: new Set(leaking.map(({ subject }) => subject)).size,
      ofGroups: new Set(test.map(({ subject }) => subject)).size,
      pictures: leaking.length,
      ofPictures: 8,
    });
  });

  it('refuses when none of the pictures can be read to look for copies', async () => {
    const refused = split(MANIFEST, {});
    await expect(refused).rejects.toThrow(/none of its pictures can be read; .*0\.jpg: not found/);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('--root') as string });
  });

  it('keeps near copies of different subjects together', async () => {
    const pictures: Record<string, Buffer> = {};
    for (let index = 0; index < 8; index++) {
      pictures[`${index}a.jpg`] = await jpeg(index);
      pictures[`${index}b.jpg`] = await jpeg(index, 90, 60);
    }
    const names = [...Object.keys(pictures), 'broken.jpg'];
    const text = `file,subject\n${names.map((name, index) => `${name},s${index}`).join('\n')}\n`;
    const folder = await temporaryFolder({ ...pictures, 'broken.jpg': 'no picture', 'm.csv': text });
    const report = await splitManifest(join(folder, 'm.csv'), { train: 0.5, valid: 0.25, test: 0.25 });
    expect(report.nearDuplicates).toEqual({ pairs: 8, joinedGroups: 8 });
    expect(report).toMatchObject({ groupCount: 9, largestGroup: 2 });
    // What cannot be read stays in the manifest, and is told.
    expect(report.problems).toMatchObject([{ file: join(folder, 'broken.jpg') }]);
    const { rows } = readTable(await readFile(report.out, 'utf8'));
    expect(rows).toHaveLength(17);
    for (let index = 0; index < 16; index += 2) expect(rows[index]!.values![2]).toBe(rows[index + 1]!.values![2]);
  });

  it('never cuts a group and holds every row once, in splits and in folds', async () => {
    const row = fc.record({
      subject: fc.nat(25),
      band: fc.constantFrom('0-2', '4-6', '60+', ''),
      gender: fc.constantFrom('f', 'm'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 60, maxLength: 150 }),
        fc.nat(99),
        fc.boolean(),
        async (rows, seed, inFolds) => {
          const lines = rows.map(
            ({ subject, band, gender }, index) => `${index}.jpg,${subject || ''},${band},${gender}`,
          );
          const options = { ...BLIND, seed, ...(inFolds ? { folds: 3 } : {}) };
          const { records, report } = await split(`file,subject,band,gender\n${lines.join('\n')}\n`, options);
          expect(records.map(({ file, subject, band, gender }) => [file, subject, band, gender].join(','))).toEqual(
            lines,
          );
          const places = new Map<string, Set<string>>();
          for (const { file, subject, ...rest } of records) {
            const key = subject || file!;
            places.set(key, (places.get(key) ?? new Set()).add(rest[report.column]!));
          }
          expect([...places.values()].every(({ size }) => size === 1)).toBe(true);
          const wanted = inFolds ? [1 / 3, 1 / 3, 1 / 3] : [0.6, 0.2, 0.2];
          report.parts.forEach((_, part) => {
            const got = report.counts.reduce((sum, counts) => sum + counts[part]!, 0);
            // Within one group, and the rounding of each of the four strata.
            expect(Math.abs(got - wanted[part]! * rows.length)).toBeLessThan(report.largestGroup + 4);
          });
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it('reports damaged rows and goes on', async () => {
    const { folder, report, records } = await split(MANIFEST.replace('0.jpg,s0,0-2', '../0.jpg,s0,0-2'));
    expect(records).toHaveLength(39);
    const reason = `the path ../0.jpg leads out of ${folder}`;
    expect(report.problems).toEqual([{ file: join(folder, 'm.csv'), line: 2, reason }]);
  });

  it('refuses options that cannot be used', async () => {
    const refusals: [SplitManifestOptions, string][] = [
      [{ groupBy: 'album' }, 'there is no column "album" to group-by'],
      [{ stratify: 'sex' }, 'there is no column "sex" to stratify'],
      [{ train: 0.7 }, 'must add up to 1, got 0.7, 0.2, 0.2'],
      [{ folds: 1 }, 'folds must be a whole number from 2 on, got 1'],
      [{ folds: 5, test: 0.1 }, 'folds and a fraction of test do not go together'],
      [{ folds: 5, protocol: 'report' }, 'folds and the protocol of the report do not go together'],
      [{ seed: -1 }, 'the seed must be a whole number from 0 to 4294967295, got -1'],
    ];
    for (const [options, message] of refusals) {
      const failure: unknown = await split(MANIFEST, { ...BLIND, ...options }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ConfigError);
      expect((failure as ConfigError).message).toContain(message);
    }
    await expect(split('file,subject\na,s\nb,s\n')).rejects.toThrow(DataError);
    await expect(split('file,subject\na,s\nb,s\n', { ...BLIND, folds: 2 })).rejects.toThrow(
      'only 1 of 2 folds get a picture',
    );
    await expect(split(MANIFEST, { ...BLIND, out: '/no/such/folder/m.csv' })).rejects.toThrow(FileError);
  });
});
