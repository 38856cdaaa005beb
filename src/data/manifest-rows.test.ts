import { symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { FileError } from '../base/errors.js';
import { classNames, columnValues, readManifestRows, withColumn } from './manifest-rows.js';

async function read(text: string | Uint8Array, root?: string) {
  const folder = await temporaryFolder({ 'm.csv': text });
  return { folder, manifest: await readManifestRows(join(folder, 'm.csv'), root) };
}

describe('readManifestRows', () => {
  it('keeps every column of every row, and looks at no picture', async () => {
    const { folder, manifest } = await read('note,file\n"a, b",x.jpg\n,sub/y.jpg\n');
    expect(manifest).toEqual({
      path: join(folder, 'm.csv'),
      root: folder,
      realRoot: folder,
      header: ['note', 'file'],
      rows: [
        { line: 2, values: ['a, b', 'x.jpg'], file: join(folder, 'x.jpg') },
        { line: 3, values: ['', 'sub/y.jpg'], file: join(folder, 'sub/y.jpg') },
      ],
      problems: [],
      refused: [],
    });
    expect((await read('file\nx.jpg\n', tmpdir())).manifest.rows[0]!.file).toBe(join(tmpdir(), 'x.jpg'));
  });

  it('leaves out damaged rows, each with its line and reason', async () => {
    const { folder, manifest } = await read('file,age\na.jpg\n"b.jpg,3\n ,3\n../c.jpg,3\n/etc/passwd,3\nd.jpg,3\n');
    expect(manifest.rows.map(({ line }) => line)).toEqual([7]);
    expect(manifest.problems.map(({ line, reason }) => [line, reason])).toEqual([
      [2, '2 columns expected, got 1'],
      [3, 'the quotes do not match'],
      [4, 'the file is empty'],
      [5, `the path ../c.jpg leads out of ${folder}`],
      [6, `the path /etc/passwd leads out of ${folder}`],
    ]);
  });

  it('leaves out links out of the folder, and names that no file can have', async () => {
    const root = await temporaryFolder({
      'in/m.csv': 'file\na.jpg\nout.jpg\nin.jpg\nx\0.jpg\nnone.jpg\n',
      ...emptyFiles('in/a.jpg', 'b.jpg'),
    });
    await symlink(join(root, 'b.jpg'), join(root, 'in/out.jpg'));
    await symlink(join(root, 'in/a.jpg'), join(root, 'in/in.jpg'));
    const { rows, problems } = await readManifestRows(join(root, 'in/m.csv'));
    expect(rows.map(({ line }) => line)).toEqual([2, 4, 6]);
    expect(problems.map(({ line, reason }) => [line, reason])).toEqual([
      [3, `the path out.jpg is a link out of ${join(root, 'in')}, which is not followed`],
      [5, 'the path holds a character that no path can hold'],
    ]);
  });

  it('leaves out a label that is no band where most are, and tells what the row says all the same', async () => {
    const { manifest } = await read('file,band,split\na.jpg,0-2,train\nb.jpg,25-23,test\nc.jpg,60+,train\nd.jpg,,train\n');
    expect(manifest.rows.map(({ line }) => line)).toEqual([2, 4, 5]);
    expect(manifest.problems).toMatchObject([{ line: 3, reason: expect.stringMatching(/^"25-23" is not one of/) as string }]);
    expect(manifest.refused).toEqual([{ line: 3, values: ['b.jpg', '25-23', 'test'] }]);
  });

  it('reads other encodings than UTF-8', async () => {
    const text = 'file,subject\r\nzoé.jpg,Renée\r\n';
    for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(`\uFEFF${text}`, 'utf16le')]) {
      expect((await read(bytes)).manifest.rows.map(({ values }) => values)).toEqual([['zoé.jpg', 'Renée']]);
    }
  });

  it('refuses what cannot be used at all', async () => {
    await expect(read('path\na.jpg\n')).rejects.toThrow("must name a column 'file', got path");
    await expect(read('file\n../a.jpg\n')).rejects.toThrow(
      'no row can be used; line 2: the path ../a.jpg leads out of',
    );
    await expect(readManifestRows('/no/such.csv')).rejects.toThrow(FileError);
    await expect(read('file\na.jpg\n', '/no/such')).rejects.toThrow('/no/such: no such folder');
  });
});

describe('classNames', () => {
  it('takes the band in one spelling, else the label, else the band of the age', async () => {
    const band = await read('file,label,band,age\na,x,"(8, 12)",1\nb,x,,1\nc,x,60+,1\n');
    expect(classNames(band.manifest)).toEqual(['8-13', undefined, '60+']);
    const label = await read('file,label,age\na,cat,1\nb, dog ,1\n');
    expect(classNames(label.manifest)).toEqual(['cat', 'dog']);
    const age = await read('file,age\na,9\nb,22\nc,\nd,old\ne,1.9\n');
    expect(classNames(age.manifest)).toEqual(['8-13', undefined, undefined, undefined, '0-2']);
    expect(classNames((await read('file\na\n')).manifest)).toEqual([undefined]);
  });
});

describe('columnValues', () => {
  it('gives no value for an empty one', async () => {
    const { manifest } = await read('file,subject\na, s1 \nb,\n');
    expect(columnValues(manifest, 'subject')).toEqual(['s1', undefined]);
    expect(columnValues(manifest, 'album')).toEqual([undefined, undefined]);
  });
});

describe('withColumn', () => {
  it('replaces a column in its place, or adds it at the end', () => {
    const rows = [{ values: ['a', '1', 'x'] }];
    expect(withColumn({ header: ['file', 'split', 'note'], rows }, 'split', ['2'])).toEqual({
      header: ['file', 'split', 'note'],
      rows: [{ values: ['a', '2', 'x'] }],
    });
    expect(withColumn({ header: ['file', 'split', 'note'], rows }, 'fold', ['0']).rows[0]).toEqual({
      values: ['a', '1', 'x', '0'],
    });
  });
});
