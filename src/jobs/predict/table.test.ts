import { expect, it } from 'vitest';
import { predictionsTable } from './table.js';

it('has a row per face, one for a picture without, and one with the reason for what could not be read', () => {
  const young = { band: 'a', probabilities: [0.75, 0.25], age: { expected: 1.26, from: 0, to: 2 } };
  const old = { band: 'b', probabilities: [1 / 3, 2 / 3], age: { expected: 70, from: 60, to: null } };
  const box = { left: 1.04, top: 2, width: 3, height: 4.06 };
  const { header, rows: lazy } = predictionsTable(['a', 'b'], [
    { file: '1', state: '', whole: young, faces: [{ ...young, box }, { ...old, box }] },
    { file: '2', state: '', whole: old, faces: [] },
    { file: '3', state: '', whole: { ...old, age: null } },
    { file: '4', state: '', error: 'damaged' },
  ]);
  const rows = [...lazy];
  expect(header.join()).toBe('file,face,faces,left,top,width,height,band,age,age_from,age_to,p_a,p_b,error');
  expect(rows.map((row) => row.join())).toEqual([
    '1,1,2,1,2,3,4.1,a,1.3,0,2,0.75,0.25,',
    '1,2,2,1,2,3,4.1,b,70,60,,0.333333,0.666667,',
    '2,,0,,,,,b,70,60,,0.333333,0.666667,',
    '3,,,,,,,b,,,,0.333333,0.666667,',
    '4,,,,,,,,,,,,,damaged',
  ]);
  expect(rows.every((row) => row.length === header.length)).toBe(true);
});
