import { expect, it } from 'vitest';
import { alignedTable } from './columns.js';

it('aligns cells to the left and to the right', () => {
  const columns = [
    { heading: 'band', align: 'left' },
    { heading: 'faces', align: 'right' },
  ] as const;
  expect(alignedTable(columns, [['0-2', '2,488'], ['a long one', '11']])).toEqual([
    'band        faces',
    '0-2         2,488',
    'a long one     11',
  ]);
});
