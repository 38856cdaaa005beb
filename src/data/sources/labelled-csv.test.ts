import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { tinyPictures } from '../../../test/support/picture.js';
import { AgebandError, ConfigError, DataError } from '../../base/errors.js';
import { isInside } from '../folder.js';
import { parseLabelledCsv, readLabelledCsv } from './labelled-csv.js';
import type { NamedColumns } from './csv-columns.js';

const FOLDER = resolve('/data/faces');

function parse(text: string, columns: NamedColumns = {}): ReturnType<typeof parseLabelledCsv> {
  return parseLabelledCsv(text, 'list.csv', FOLDER, { columns, between: 'keep' });
}

function rowsOf(text: string, columns?: NamedColumns): unknown[] {
  return parse(text, columns).rows.map(({ row }) => row);
}

describe('parseLabelledCsv', () => {
  it('finds the usual columns in any case, and carries the others along', () => {
    const { columns, rows } = parse('Note,Path,SEX,Age,group_id\n"x, y",a.jpg,Female,61,7\n,b.jpg,,22,8\n');
    expect(columns).toEqual(['file', 'band', 'age', 'gender', 'Note', 'group_id']);
    expect(rows).toEqual([
      { line: 2, row: { file: 'a.jpg', band: '60+', age: 61, gender: 'f', others: { Note: 'x, y', group_id: '7' } } },
      { line: 3, row: { file: 'b.jpg', age: 22, others: { Note: '', group_id: '8' } } },
    ]);
  });

  it('takes the columns that it is told', () => {
    const text = 'id,age,who,years,sort,sex\na.jpg,old,Ann,,"(8, 12)",x\n';
    const { columns, rows } = parse(text, { file: 'id', age: 'years', band: 'sort', subject: 'who', gender: 'sex' });
    expect(columns).toEqual(['file', 'subject', 'band', 'age', 'gender', 'age_given']);
    expect(rows[0]!.row).toEqual({ file: 'a.jpg', subject: 'Ann', band: '8-13', gender: 'x', others: { age_given: 'old' } });
  });

  it('takes a column label for the band only where there is no age', () => {
    expect(rowsOf('file,label\na.jpg,60+\n')).toEqual([{ file: 'a.jpg', band: '60+' }]);
    expect(rowsOf('file,label,age\na.jpg,x,61\n')).toEqual([{ file: 'a.jpg', band: '60+', age: 61, others: { label: 'x' } }]);
  });

  it('reads semicolons and tabs', () => {
    const expected = [{ file: 'a,b.jpg', band: '0-2', age: 1 }];
    expect(rowsOf('file;age\na,b.jpg;1\n')).toEqual(expected);
    expect(rowsOf('file\tage\r\na,b.jpg\t1\r\n')).toEqual(expected);
  });

  it('turns paths into paths from the folder', () => {
    const text = `file,age\n./x/../a.jpg,1\nx\\b.jpg,1\n${resolve(FOLDER, 'c.jpg')},1\n`;
    expect(rowsOf(text)).toMatchObject([{ file: 'a.jpg' }, { file: 'x/b.jpg' }, { file: 'c.jpg' }]);
  });

  it('reports damaged rows with their lines, and keeps the others', () => {
    const { rows, problems } = parse(
      [
        'file,age,band',
        'a.jpg,1,0-2',
        'a.jpg,1',
        '"a.jpg,1,0-2',
        '../a.jpg,1,',
        '..\\a.jpg,1,',
        '/etc/passwd,1,',
        ',1,',
        'a\0.jpg,1,',
        'a.jpg,old,',
        'a.jpg,-1,',
        'a.jpg,1e9,',
        'a.jpg,,',
        'a.jpg,,adult',
        'a.jpg,30,0-2',
        'a.jpg,3,4-6',
        'a.jpg,3,',
      ].join('\n'),
    );
    expect(rows.map(({ line, row }) => [line, row.band, row.age])).toEqual([
      [2, '0-2', 1],
      [16, '4-6', 3],
      [17, undefined, 3],
    ]);
    expect(problems.map(({ line, kind, reason }) => [line, kind, reason])).toEqual([
      [3, 'damaged', '3 columns expected, got 2'],
      [4, 'damaged', 'the quotes do not match'],
      [5, 'damaged', `the path ../a.jpg leads out of ${FOLDER}`],
      [6, 'damaged', `the path ..\\a.jpg leads out of ${FOLDER}`],
      [7, 'damaged', `the path /etc/passwd leads out of ${FOLDER}`],
      [8, 'damaged', 'the file is empty'],
      [9, 'damaged', 'the path holds a character that no path can hold'],
      [10, 'damaged', 'the age must be a number from 0 to 130, got "old"'],
      [11, 'damaged', 'the age must be a number from 0 to 130, got "-1"'],
      [12, 'damaged', 'the age must be a number from 0 to 130, got "1e9"'],
      [13, 'label', 'there is neither an age nor a band'],
      [14, 'label', '"adult" is not one of the bands 0-2, 4-6, 8-13, 15-20, 25-32, 38-43, 48-53, 60+'],
      [15, 'damaged', 'the age 30 is not in the band 0-2'],
    ]);
  });

  it('refuses a header that does not tell enough, or too much', () => {
    expect(() => parse('')).toThrow(/no column for the file among none/);
    expect(() => parse('id,age\na,1\n')).toThrow(DataError);
    expect(() => parse('file,x\na,1\n')).toThrow(/no column for the age or the band among file, x/);
    expect(() => parse('file,age,age\na,1,1\n')).toThrow(/two columns are named "age"/);
    expect(() => parse('file,age\na,1\n', { subject: 'who' })).toThrow(ConfigError);
  });

  it('accounts for every line of any text, and lets no path out', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '../a', '/', 'a.jpg', '30', '60+', '"'));
    const line = fc.oneof(fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(',')), cell);
    const header = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('file,age,x', 'file,band', '\uFEFFfile;age') }, line);
    fc.assert(
      fc.property(header, fc.array(line), (first, lines) => {
        const text = [first, ...lines].join('\n');
        let read: ReturnType<typeof parseLabelledCsv>;
        try {
          read = parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AgebandError);
          return;
        }
        const filled = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/).filter((content) => content.trim() !== '');
        expect(read.rows.length + read.problems.length).toBe(filled.length - 1);
        expect(read.rows.every(({ row }) => isInside(resolve(FOLDER, row.file), FOLDER))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('readLabelledCsv', () => {
  it('takes pictures from the folder of the file or from another, and reports those that are not there', async () => {
    const pictures = await tinyPictures('a.jpg', 'in/b.jpg');
    const root = await temporaryFolder({ ...pictures, 'list.csv': 'file,age\na.jpg,1\nb.jpg,1\n' });
    const own = await readLabelledCsv(`${root}/list.csv`);
    expect([own.folder, own.rows.map(({ file }) => file)]).toEqual([root, ['a.jpg']]);
    expect(own.problems).toMatchObject([{ file: `${root}/list.csv`, line: 3, kind: 'missing' }]);
    const other = await readLabelledCsv(`${root}/list.csv`, { root: `${root}/in` });
    expect([other.folder, other.rows.map(({ file }) => file)]).toEqual([`${root}/in`, ['b.jpg']]);
  });

  it('reads UTF-16', async () => {
    const text = Buffer.from('\uFEFFfile\tage\r\né.jpg\t1\r\n', 'utf16le');
    const root = await temporaryFolder({ ...(await tinyPictures('é.jpg')), 'list.csv': text });
    expect((await readLabelledCsv(`${root}/list.csv`)).rows).toEqual([{ file: 'é.jpg', band: '0-2', age: 1 }]);
  });
});
