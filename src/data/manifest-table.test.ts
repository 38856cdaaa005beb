import { describe, expect, it } from 'vitest';
import { readTable } from './manifest-table.js';

describe('readTable', () => {
  it('reads plain, quoted and blank values, and counts lines from 1', () => {
    expect(readTable('file,label\na.jpg,x\n\n"b, c.jpg","say ""x"""\n')).toEqual({
      header: ['file', 'label'],
      rows: [
        { line: 2, values: ['a.jpg', 'x'] },
        { line: 4, values: ['b, c.jpg', 'say "x"'] },
      ],
    });
  });

  it('accepts a byte order mark and any line end', () => {
    const rows = [
      { line: 2, values: ['a', '1'] },
      { line: 3, values: ['b', '2'] },
    ];
    const expected = { header: ['file', 'age'], rows };
    expect(readTable('\uFEFFfile,age\r\na,1\r\nb,2\r\n')).toEqual(expected);
    expect(readTable('file, age\ra,1\rb,2')).toEqual(expected);
  });

  it('keeps damage to its own line', () => {
    const text = 'file,label\na.jpg,"open\nb.jpg,x\nc.jpg\nd.jpg,x,y\n"e.jpg"z,x\nf\uFFFD.jpg,x\ng.jpg,x';
    expect(readTable(text).rows).toEqual([
      { line: 2, damage: 'the quotes do not match' },
      { line: 3, values: ['b.jpg', 'x'] },
      { line: 4, damage: '2 columns expected, got 1' },
      { line: 5, damage: '2 columns expected, got 3' },
      { line: 6, damage: 'the quotes do not match' },
      { line: 7, damage: 'the line holds characters that cannot be read' },
      { line: 8, values: ['g.jpg', 'x'] },
    ]);
  });

  it('reads values that stand between tabs', () => {
    expect(readTable('file\tage\na.jpg\t(25, 32)\n', '\t')).toEqual({
      header: ['file', 'age'],
      rows: [{ line: 2, values: ['a.jpg', '(25, 32)'] }],
    });
  });

  it('is empty for an empty text', () => {
    expect(readTable('\n \n')).toEqual({ header: [], rows: [] });
  });
});
