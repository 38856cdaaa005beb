import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ageband } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';
import { tenSubjects } from './support/pictures.js';

describe('ageband split', () => {
  it('writes the manifest with its splits, and makes folders of them', async () => {
    const root = await temporaryFolder(await tenSubjects());
    const into = join(root, 'folders');
    const { code, stdout, stderr } = await ageband(
      'split',
      join(root, 'm.csv'),
      '--materialise',
      'link',
      '--into',
      into,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      '           train   valid    test  all',
      '0-2            6       2       2   10',
      '60+            6       2       2   10',
      'pictures      12       4       4   20',
      'share     60.0 %  20.0 %  20.0 %',
      'groups         6       2       2   10',
      '',
      '10 groups by subject, the largest of 2 pictures',
      '0 pairs of pictures that are the same, which make 0 groups fewer',
      `Written: ${join(root, 'm.split.csv')}`,
      `20 pictures in ${into}`,
      '',
    ]);
    expect(await readdir(into)).toEqual(['manifest.csv', 'test', 'train', 'valid']);
    expect(await readdir(join(into, 'train'))).toEqual(['0-2', '60+']);
    const rows = (await readFile(join(root, 'm.split.csv'), 'utf8')).trim().split('\n');
    expect(rows[0]).toBe('file,subject,band,split');
    expect(rows).toHaveLength(21);
    // The same call again finds everything in its place.
    const again = await ageband('split', join(root, 'm.csv'), '--materialise', 'link', '--into', into);
    expect(again).toEqual({ code, stdout, stderr });
  });

  it('warns of the protocol of the report, and says what it does not know', async () => {
    const root = await temporaryFolder(await tenSubjects());
    const manifest = join(root, 'm.csv');
    const out = join(root, 'x.csv');
    const report = await ageband(
      'split',
      manifest,
      '--protocol',
      'report',
      '--no-near-duplicates',
      '--json',
      '--out',
      out,
    );
    expect(report.code).toBe(0);
    const { leaks } = JSON.parse(report.stdout) as { leaks: { groups: number; ofGroups: number } };
    expect(leaks.groups).toBeGreaterThan(0);
    const subjects = `warning: ${leaks.groups} of the ${leaks.ofGroups} subjects of test are also in training; `;
    expect(report.stderr.startsWith(subjects)).toBe(true);
    const unknown = await temporaryFolder({ 'm.csv': 'file\na.jpg\nb.jpg\nc.jpg\nd.jpg\ne.jpg\n' });
    const blind = await ageband('split', join(unknown, 'm.csv'), '--no-near-duplicates');
    expect(blind).toMatchObject({
      code: 0,
      stderr:
        'not grouped by any column: nothing is kept together\n' +
        'not stratified by any column: the proportions are left to chance\n',
    });
  });

  it.each([
    [
      ['--group-by', 'album'],
      'error: MANIFEST: there is no column "album" to group-by\nhint: Its columns are file, subject, band.',
    ],
    [['--folds', '1'], 'error: folds must be a whole number from 2 on, got 1\n'],
    [['--materialise', 'copy'], 'error: split: --materialise and --into go together, got only one of them\nhint: '],
    [
      ['--materialise', 'copy', '--into', 'x', '--folds', '5'],
      'error: split: --materialise makes folders of train, valid',
    ],
    [['--train', '0.9'], 'error: the fractions of train, valid and test must add up to 1, got 0.9, 0.2, 0.2\n'],
  ])('refuses %j', async (words, message) => {
    const root = await temporaryFolder({ 'm.csv': 'file,subject,band\na.jpg,s,60+\n' });
    const { code, stderr } = await ageband('split', join(root, 'm.csv'), ...words);
    expect(code).toBe(1);
    expect(stderr.replace(join(root, 'm.csv'), 'MANIFEST').startsWith(message), stderr).toBe(true);
    expect(await readdir(root)).toEqual(['m.csv']);
  });
});

describe('ageband data check', () => {
  it('ends with 0 when nothing is wrong, and plots the classes', async () => {
    const root = await temporaryFolder(await tenSubjects());
    const { code, stdout, stderr } = await ageband('data', 'check', join(root, 'm.csv'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('0-2  10  ████████████████████████████████████████\n');
    expect(stdout).toContain('\nNothing is wrong\n');
    expect(await readdir(join(root, 'm.check'))).toEqual(['check.csv', 'classes.png', 'classes.svg']);
    expect(await readFile(join(root, 'm.check/check.csv'), 'utf8')).toBe('kind,file,other,detail\n');
  });

  it('ends with 2 when something is, and lists it', async () => {
    const files = await tenSubjects();
    const root = await temporaryFolder({ ...files, '3.jpg': files['2.jpg']!, '4.jpg': 'no picture' });
    const out = join(root, 'found');
    const text = await ageband('data', 'check', join(root, 'm.csv'), '--out', out);
    expect(text.code).toBe(2);
    expect(text.stdout).toContain(
      '\n1 unreadable: pictures that cannot be read\n  4.jpg: not a picture that can be read',
    );
    expect(text.stdout).toContain('\n1 duplicate: files with the same bytes\n  3.jpg, 2.jpg: the same bytes\n');
    expect((await readFile(join(out, 'check.csv'), 'utf8')).split('\n').map((line) => line.split(',', 3))).toEqual([
      ['kind', 'file', 'other'],
      ['unreadable', '4.jpg', ''],
      ['duplicate', '3.jpg', '2.jpg'],
      ['conflict', '3.jpg', '2.jpg'],
      [''],
    ]);
    const { code, stdout } = await ageband('data', 'check', join(root, 'm.csv'), '--out', out, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 20, findings: { length: 3 } });
  });

  it('reports a manifest that is not there', async () => {
    const root = await temporaryFolder();
    const { code, stderr } = await ageband('data', 'check', join(root, 'm.csv'), '--out', join(root, 'out'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*m\.csv: cannot be read: no such file or folder\nhint: /);
    expect(await readdir(root)).toEqual([]);
  });
});
