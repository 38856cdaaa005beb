import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adienceFolder } from './support/adience.js';
import { ageband, FACES } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';
import { tinyPictures } from './support/picture.js';

describe('ageband data', () => {
  it('adience prints what the fold files hold, what was left out, and how to go on', async () => {
    const folder = await adienceFolder();
    const out = join(await temporaryFolder(), 'my list.csv');
    const { code, stdout, stderr } = await ageband('data', 'adience', folder, '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      '4 rows in the fold files, 0 of them repeats: 4 faces of 2 subjects in 2 albums',
      '',
      'label        outcome   band  faces',
      '(0, 2)       kept      0-2       2',
      '35           age only            1',
      'None         dropped             1',
      'total                            4',
      'with a band                      2',
      '',
      'class     fold files  pictures',
      '0-2                2         1',
      ...['4-6       ', '8-13      ', '15-20     ', '25-32     ', '38-43     ', '48-53     ', '60+       '].map(
        (band) => `${band}         0         0`,
      ),
      'age only           1         0',
      'total              3         1',
      '',
      'Left out:',
      '  1  without a label that is used',
      '  2  not there, or behind a link that is not followed',
      '',
      `What was left out, listed in ${out.replace('.csv', '.problems.csv')}:`,
      `  ${folder}/folds/fold_0_data.txt:3: no such file: aligned/x@N00/landmark_aligned_face.1.2.jpg`,
      `  ${folder}/folds/fold_1_data.txt:2: no such file: aligned/y@N00/landmark_aligned_face.2.1.jpg`,
      `  ${folder}/folds/fold_1_data.txt:3: there is no age`,
      '',
      `Manifest: ${out}`,
      'It does not lie in the folder of the pictures, so commands that read it need --root.',
      `Next: ageband split '${out}' --root ${folder}`,
      '',
    ]);
    expect(await readFile(out, 'utf8')).toBe(
      'file,subject,band,age,gender,fold,album\naligned/x@N00/landmark_aligned_face.1.1.jpg,1,0-2,,f,0,x@N00\n',
    );
  });

  it('--json prints the same figures for programs', async () => {
    const folder = await adienceFolder();
    const { code, stdout } = await ageband('data', 'adience', folder, '--labels', 'published', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      folder,
      manifest: join(folder, 'manifest.csv'),
      problems: join(folder, 'manifest.problems.csv'),
      pictures: 1,
      leftOut: { label: 2, missing: 1 },
      faces: 4,
      labelled: 2,
    });
  });

  it('utkface and fgnet read names, folder reads folders', async () => {
    const folder = await temporaryFolder(await tinyPictures('3_0_0_20170101.jpg', '61_1_0_20170101.jpg', '001A02.JPG'));
    const utkface = await ageband('data', 'utkface', folder, '--between', 'nearest');
    expect(utkface.stdout).toContain('\n0-2           1\n');
    expect(utkface.stdout).toContain(`\nNext: ageband split ${folder}/manifest.csv\n`);
    expect(await readFile(join(folder, 'manifest.csv'), 'utf8')).toBe(
      'file,band,age,gender\n3_0_0_20170101.jpg,0-2,3,m\n61_1_0_20170101.jpg,60+,61,f\n',
    );
    expect((await ageband('data', 'fgnet', folder)).code).toBe(0);
    expect(await readFile(join(folder, 'manifest.csv'), 'utf8')).toBe('file,subject,band,age\n001A02.JPG,001,0-2,2\n');
    const out = join(folder, 'cartoons.csv');
    expect((await ageband('data', 'folder', FACES, '--out', out)).stdout).toContain('total       192\n');
  });

  it('csv maps columns, and does not write over the file that it reads', async () => {
    const text = 'picture,jahre\na.jpg,61\n';
    const folder = await temporaryFolder({ ...(await tinyPictures('a.jpg')), 'manifest.csv': text });
    const file = join(folder, 'manifest.csv');
    const refused = await ageband('data', 'csv', file, '--age-column', 'jahre');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/would take the place of the file/);
    expect(await readFile(file, 'utf8')).toBe(text);
    const out = join(folder, 'out.csv');
    expect((await ageband('data', 'csv', file, '--age-column', 'jahre', '--out', out)).code).toBe(0);
    expect(await readFile(out, 'utf8')).toBe('file,band,age\na.jpg,60+,61\n');
  });

  it('says what was wrong where nothing can be used', async () => {
    const folder = await temporaryFolder(await tinyPictures('a.jpg'));
    const { code, stderr } = await ageband('data', 'utkface', folder);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${folder}: no picture can be used\nhint: What was left out and why stands in ${folder}/manifest.problems.csv.\n`,
    );
  });
});
