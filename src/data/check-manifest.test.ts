import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { drawing, jpeg } from '../../test/support/pictures.js';
import { checkManifest, writeFindings } from './check-manifest.js';

describe('checkManifest', () => {
  it('finds all that is wrong, and nothing else', async () => {
    const whole = await jpeg(1);
    const root = await temporaryFolder({
      'good.jpg': whole,
      'copy.jpg': whole,
      'near.jpg': await jpeg(1, 100, 60),
      'other.jpg': await jpeg(2),
      'mirrored.jpg': await drawing(2).flop().jpeg().toBuffer(),
      'tiny.png': await drawing(3, 31).resize(31, 40, { fit: 'fill' }).png().toBuffer(),
      'cut.jpg': (await jpeg(4)).subarray(0, 1500),
      'text.jpg': 'no picture',
      'm.csv': [
        'file,subject,age,band,split',
        'good.jpg,s1,30,25-32,train',
        'copy.jpg,s1,31,25-32,train',
        'near.jpg,s2,61,60+,test',
        'other.jpg,s3,1,"(0, 2)",train',
        'mirrored.jpg,s3,1,0-2,valid',
        'other.jpg,s4,1,0-2,train',
        'tiny.png,s5,22,,train',
        'cut.jpg,s6,30,25-32,train',
        'text.jpg,s7,30,25-32,train',
        'none.jpg,s8,30,25-32,train',
        '../m.csv,s9,30,25-32,train',
      ].join('\n'),
    });
    const calls: [number, number][] = [];
    const check = await checkManifest(join(root, 'm.csv'), undefined, (done, total) => calls.push([done, total]));
    expect(check.rows).toBe(10);
    expect(check.classes).toEqual([
      { name: '0-2', pictures: 3 },
      { name: '25-32', pictures: 5 },
      { name: '60+', pictures: 1 },
      { name: 'none', pictures: 1 },
    ]);
    expect(check.findings.map(({ kind, file, other, detail }) => [kind, file, other, detail])).toEqual([
      ['row', join(root, 'm.csv'), '', `line 12: the path ../m.csv leads out of ${root}`],
      ['unreadable', 'text.jpg', '', 'not a picture that can be read: JPEG, PNG, WebP, GIF, TIFF and AVIF are'],
      ['unreadable', 'none.jpg', '', 'not found'],
      ['truncated', 'cut.jpg', '', expect.stringMatching(/^truncated/)],
      ['tiny', 'tiny.png', '', '31 × 40 pixels'],
      ['repeat', 'other.jpg', 'other.jpg', 'lines 5 and 7'],
      ['duplicate', 'copy.jpg', 'good.jpg', 'the same bytes'],
      ['near-duplicate', 'near.jpg', 'good.jpg', expect.stringMatching(/^correlation (0\.9[89]\d|1\.000)$/)],
      ['conflict', 'copy.jpg', 'good.jpg', 'age 30 and 31'],
      ['conflict', 'near.jpg', 'good.jpg', 'age 30 and 61, band 25-32 and 60+'],
      ['leak', 'mirrored.jpg', 'other.jpg', 'subject s3: 1 in split train, 1 in split valid'],
      ['leak', 'near.jpg', 'good.jpg', 'the same picture in split train and test'],
    ]);
    expect(calls).toHaveLength(10);
    expect(calls.at(-1)).toEqual([10, 10]);
  });

  it('finds nothing in a clean set, and leaks between folds', async () => {
    const pictures = { 'a.jpg': await jpeg(1), 'b.jpg': await jpeg(2), 'c.jpg': await jpeg(3) };
    const rows = ['file,group_id,fold', 'a.jpg,1,0', 'b.jpg,1,0', 'c.jpg,2,1'];
    const root = await temporaryFolder({ ...pictures, 'm.csv': rows.join('\n') });
    expect((await checkManifest(join(root, 'm.csv'))).findings).toEqual([]);
    const leaking = await temporaryFolder({ 'm.csv': rows.join('\n').replace('c.jpg,2', 'c.jpg,1') });
    expect((await checkManifest(join(leaking, 'm.csv'), root)).findings).toEqual([
      { kind: 'leak', file: 'c.jpg', other: 'a.jpg', detail: 'group_id 1: 2 in fold 0, 1 in fold 1' },
    ]);
  });
});

it('writeFindings writes a line per finding', async () => {
  const file = join(await temporaryFolder(), 'check.csv');
  await writeFindings(file, [{ kind: 'tiny', file: 'a, b.jpg', other: '', detail: '3 × 4 pixels' }]);
  expect(await readFile(file, 'utf8')).toBe('kind,file,other,detail\ntiny,"a, b.jpg",,3 × 4 pixels\n');
});
