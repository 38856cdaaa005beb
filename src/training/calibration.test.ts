import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { FormatError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { readCalibration, writeCalibration } from './calibration.js';
import { RunFolder } from './run-folder.js';

const weights = new Map([
  ['a', floatTensor([1, 2], [2])],
  ['b', floatTensor([3], [1])],
]);
const figures = { loss: 1.5, calibrationError: 0.25 };
const fitted = { temperature: 1.25, data: '/faces.csv', pictures: 7, before: figures, after: figures };
let run: RunFolder;

beforeEach(async () => {
  run = new RunFolder(await temporaryFolder());
});

describe('the calibration of a run', () => {
  it('holds for the weights that it was fitted for, in any order', async () => {
    expect(await readCalibration(run, 'best', weights)).toBeUndefined();
    await writeCalibration(run, 'best', weights, fitted);
    expect(await readCalibration(run, 'best', new Map([...weights].reverse()))).toMatchObject(fitted);
  });

  it.each([
    ['another value', new Map([...weights, ['b', floatTensor([4], [1])]])],
    ['another shape', new Map([...weights, ['a', floatTensor([1, 2], [2, 1])]])],
    ['one more tensor', new Map([...weights, ['c', floatTensor([1], [1])]])],
    ['one tensor less', new Map([...weights].slice(1))],
  ])('does not hold for weights with %s', async (_, others) => {
    await writeCalibration(run, 'best', weights, fitted);
    expect(await readCalibration(run, 'best', others)).toBeUndefined();
  });

  it('is kept apart for the best and the last weights', async () => {
    await writeCalibration(run, 'best', weights, fitted);
    expect(await readCalibration(run, 'last', weights)).toBeUndefined();
    await writeCalibration(run, 'last', weights, { ...fitted, temperature: 2 });
    expect((await readCalibration(run, 'best', weights))?.temperature).toBe(1.25);
    expect((await readCalibration(run, 'last', weights))?.temperature).toBe(2);
  });

  it.each([
    ['no JSON', '{'],
    ['a temperature of 0', JSON.stringify({ best: { ...fitted, weights: 'x', temperature: 0 } })],
    ['no temperature', JSON.stringify({ best: { weights: 'x' } })],
  ])('says when its file holds %s', async (_, content) => {
    await writeFile(join(run.path, 'calibration.json'), content);
    await expect(readCalibration(run, 'best', weights)).rejects.toThrow(FormatError);
    await expect(readCalibration(run, 'best', weights)).rejects.toThrow(/calibration\.json: is damaged/);
  });
});
