import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder, start, writePictures, writeRun } from '../../test/support/training.js';
import { ConfigError, DataError } from '../base/errors.js';
import { classify } from './classify.js';
import { evaluateRun } from './evaluate.js';

const classes = ['a', 'b', 'c'];
const folder = sharedFolder();
const inFolder = (...names: string[]): string => join(folder.path, ...names);
/** Twenty pictures without splits, and a run that has split them. */
let own: string;
let run: string;

beforeAll(async () => {
  own = inFolder('own');
  run = inFolder('run');
  await writePictures(own, classes, [8, 6, 6]);
  await start({ data: own, out: run, epochs: 1 });
});

/** Files and labels of a split of the run. */
async function pictures(split: string): Promise<{ file: string; label: string }[]> {
  const [, ...lines] = (await readFile(join(run, 'split.csv'), 'utf8')).trimEnd().split('\n');
  return lines
    .map((line) => line.split(','))
    .filter((fields) => fields[4] === split)
    .map(([file, label]) => ({ file: file!, label: label! }));
}

describe('evaluateRun', () => {
  it.each(['train', 'valid', 'test'] as const)("takes the %s split of the run's own data", async (split) => {
    const expected = await pictures(split);
    const results = await classify(run, expected.map(({ file }) => file), { threads: 1 });
    const losses = results.map((result, index) => {
      if ('error' in result) throw new Error(result.error);
      return -Math.log(result.probabilities.find(({ band }) => band === expected[index]!.label)!.probability);
    });
    const evaluation = await evaluateRun(run, own, { split });
    expect(evaluation).toMatchObject({ split, pictures: expected.length, problems: [] });
    expect(evaluation.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / losses.length, 5);
    const right = results.filter((result, index) => 'band' in result && result.band === expected[index]!.label);
    expect(evaluation.accuracy).toBeCloseTo(right.length / expected.length, 6);
    expect(evaluation.perClass.map(({ name, support }) => [name, support])).toEqual(
      classes.map((name) => [name, expected.filter(({ label }) => label === name).length]),
    );
  });

  it('takes the test split by itself, and all of it in several batches', async () => {
    expect((await evaluateRun(run, own)).pictures).toBe((await pictures('test')).length);
    const many = inFolder('many');
    await writePictures(many, classes, [7, 7, 7]);
    const evaluation = await evaluateRun(run, many);
    expect(evaluation.pictures).toBe(21);
    expect(evaluation.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([7, 7, 7]);
  });

  it('takes the split of other data that have splits', async () => {
    const other = inFolder('other');
    await writePictures(other, classes, { test: [1, 2, 1], valid: [1, 1, 1] });
    const evaluation = await evaluateRun(run, other);
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([1, 2, 1]);
    await expect(evaluateRun(run, other, { split: 'train' })).rejects.toThrow(DataError);
    await expect(evaluateRun(run, other, { split: 'train' })).rejects.toThrow(/other: the train split holds no pictures$/);
  });

  it('measures a manifest on pictures of another folder', async () => {
    const manifest = inFolder('list.csv');
    await writeFile(manifest, 'file,label\nb/0.png,b\nc/1.png,c\nb/99.png,b\n');
    const evaluation = await evaluateRun(run, manifest, { root: own });
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([0, 1, 1]);
    expect(evaluation.problems).toEqual([{ file: manifest, line: 4, reason: expect.stringContaining('99.png') as string }]);
  });

  it('refuses a split that shows subjects of the training split, unless that is allowed', async () => {
    const manifest = inFolder('leaking.csv');
    const rows = ['a/0.png,a,p,train', 'b/1.png,b,q,train', 'a/1.png,a,p,test', 'c/1.png,c,,test', 'b/0.png,b,q,valid'];
    await writeFile(manifest, `file,label,group,split\n${rows.join('\n')}\n`);
    const refused = evaluateRun(run, manifest, { root: own });
    await expect(refused).rejects.toThrow(/1 of 2 subjects of the test split are also in train \(1 of 2 pictures\)/);
    const { leaks, pictures } = await evaluateRun(run, manifest, { root: own, allowLeaks: true });
    expect(leaks).toEqual({ groups: 1, ofGroups: 2, pictures: 1, ofPictures: 2 });
    expect(pictures).toBe(2);
    expect((await evaluateRun(run, manifest, { root: own, split: 'train' })).leaks).toBeNull();
  });

  it('keeps the classes of the run, whatever the data have', async () => {
    const fewer = inFolder('fewer');
    await writePictures(fewer, ['a', 'c'], [2, 2]);
    expect((await evaluateRun(run, fewer)).perClass.map(({ support }) => support)).toEqual([2, 0, 2]);
    const strange = inFolder('strange');
    await writePictures(strange, ['a', 'z'], [1, 1]);
    await expect(evaluateRun(run, strange)).rejects.toThrow(/"z" is not one of the classes a, b, c$/);
  });

  it('leaves pictures out that cannot be read, and lists them', async () => {
    const damaged = inFolder('damaged');
    await writePictures(damaged, classes, [2, 2, 2]);
    const file = join(damaged, 'b', '1.png');
    await writeFile(file, 'no picture');
    const evaluation = await evaluateRun(run, damaged);
    expect(evaluation.pictures).toBe(5);
    expect(evaluation.problems).toEqual([{ file, reason: expect.any(String) as string }]);
  });

  it('tells how far it has come', async () => {
    const progress: [number, number][] = [];
    await evaluateRun(run, own, { split: 'valid' }, (done, total) => progress.push([done, total]));
    const { length } = await pictures('valid');
    expect(progress).toEqual(Array.from({ length }, (_, index) => [index + 1, length]));
  });

  it('takes the best or the last weights', async () => {
    const other = inFolder('two checkpoints');
    await writeRun(other, own, classes);
    const data = inFolder('either');
    await writePictures(data, classes, [2, 2, 2]);
    const best = await evaluateRun(other, data);
    expect((await evaluateRun(other, data, { checkpoint: 'best' })).loss).toBe(best.loss);
    expect((await evaluateRun(other, data, { checkpoint: 'last' })).loss).not.toBeCloseTo(best.loss, 2);
  });

  it('says when there is no run, or no such data', async () => {
    await expect(evaluateRun(folder.path, own)).rejects.toThrow(ConfigError);
    await expect(evaluateRun(run, inFolder('nowhere'))).rejects.toThrow(DataError);
  });
});
