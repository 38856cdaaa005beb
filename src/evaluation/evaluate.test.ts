import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sharedRun, smallNetwork } from '../../test/support/shared-run.js';
import { start, writePictures, writeRun } from '../../test/support/training.js';
import { ConfigError, DataError, EngineError } from '../base/errors.js';
import { loadCheckpoint, saveCheckpoint } from '../training/checkpoint.js';
import { exportRun } from '../training/export.js';
import { calibrateRun } from './calibrate.js';
import { classify } from './classify.js';
import { evaluateRun, evaluateSplits } from './evaluate.js';

const classes = ['a', 'b', 'c'];
/** Twenty pictures without splits, and a run that has split them. */
let own: string;
let run: string;
const inFolder = sharedRun(classes, [8, 6, 6], 'trained', (paths) => ({ data: own, run } = paths));

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
    const results = await classify(expected.map(({ file }) => file), { model: run, threads: 1 });
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
    await writePictures(many, classes, [7, 7, 7], 200);
    const evaluation = await evaluateRun(run, many);
    expect(evaluation.pictures).toBe(21);
    expect(evaluation.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([7, 7, 7]);
  });

  it('takes the split of other data that have splits', async () => {
    const other = inFolder('other');
    await writePictures(other, classes, { test: [1, 2, 1], valid: [1, 1, 1] }, 300);
    const evaluation = await evaluateRun(run, other);
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([1, 2, 1]);
    await expect(evaluateRun(run, other, { split: 'train' })).rejects.toThrow(DataError);
    await expect(evaluateRun(run, other, { split: 'train' })).rejects.toThrow(/other: the train split holds no pictures$/);
  });

  it('measures a manifest on pictures of another folder', async () => {
    const manifest = inFolder('list.csv');
    await writeFile(manifest, 'file,label\nb/0.png,b\nc/1.png,c\nb/99.png,b\n');
    const evaluation = await evaluateRun(run, manifest, { root: own, allowLeaks: true });
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([0, 1, 1]);
    expect(evaluation.problems).toEqual([{ file: manifest, line: 4, reason: expect.stringContaining('99.png') as string }]);
  });

  it('refuses a split that shows subjects of the training split, unless that is allowed', async () => {
    const [manifest, root] = [inFolder('leaking.csv'), inFolder('subjects')];
    await writePictures(root, classes, [2, 2, 2], 350);
    const rows = ['a/0.png,a,p,train', 'b/1.png,b,q,train', 'a/1.png,a,p,test', 'c/1.png,c,,test', 'b/0.png,b,q,valid'];
    await writeFile(manifest, `file,label,group,split\n${rows.join('\n')}\n`);
    const refused = evaluateRun(run, manifest, { root });
    await expect(refused).rejects.toThrow(/1 of 2 subjects of the test split \(1 of 2 pictures\) were seen in training/);
    const { leaks, pictures } = await evaluateRun(run, manifest, { root, allowLeaks: true });
    expect(leaks).toEqual({ groups: 1, ofGroups: 2, pictures: 1, ofPictures: 2 });
    expect(pictures).toBe(2);
    expect(await evaluateRun(run, manifest, { root, split: 'train' })).toMatchObject({ leaks: null, nearCopies: null });
  });

  it('does not know the number of subjects where none are named', async () => {
    expect((await evaluateRun(run, own)).leaks).toBeNull();
  });

  it('refuses near copies of training pictures, unless that is allowed or they are not looked for', async () => {
    const copies = inFolder('copies');
    await writePictures(copies, classes, { train: [1, 1, 1], test: [3, 3, 3] }, 400);
    // The same picture in other bytes, in a class of its own choice.
    const [file, of] = [join(copies, 'test', 'b', '1.png'), join(copies, 'train', 'a', '0.png')];
    await sharp(of).resize(40, 40).jpeg().toFile(file.replace('png', 'jpg'));
    await rm(file);
    const known = { file: file.replace('png', 'jpg'), of };
    const refused = evaluateRun(run, copies);
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(
      `1 of 9 pictures of the test split are near copies of training pictures, such as ${known.file} of ${known.of}`,
    );
    const counts = { pictures: 1, ofPictures: 9, copies: [known], unread: 0 };
    expect((await evaluateRun(run, copies, { allowLeaks: true })).nearCopies).toEqual(counts);
    expect((await evaluateRun(run, copies, { nearDuplicates: false })).nearCopies).toBeNull();
    expect((await evaluateRun(run, copies, { protocol: 'report' })).nearCopies).toEqual(counts);
  });

  it('looks for the pictures that the run was trained on in other data too', async () => {
    const other = inFolder('known');
    await writePictures(other, classes, [1, 1, 1], 500);
    const [trained] = await pictures('train');
    await copyFile(trained!.file, join(other, 'c', 'known.png'));
    await expect(evaluateRun(run, other)).rejects.toThrow(/known: 1 of 4 pictures are near copies of training pictures/);
    await rm(join(other, 'c', 'known.png'));
    expect((await evaluateRun(run, other)).nearCopies).toMatchObject({ pictures: 0, ofPictures: 3 });
  });

  it('looks for what the run was trained on that the weights come from', async () => {
    const [fine, others] = [inFolder('fine'), inFolder('others')];
    await writePictures(others, classes, { train: [4, 4, 4], test: [1, 1, 1] }, 600);
    await start({ data: others, out: fine, epochs: 1, from: run, network: smallNetwork(3) });
    expect(await evaluateRun(fine)).toMatchObject({ nearCopies: { pictures: 0 }, unknownRuns: [] });
    const [trained] = await pictures('train');
    const known = inFolder('known to the first.csv');
    await writeFile(known, `file,label\n${trained!.file},${trained!.label}\n${join(others, 'test', 'a', '0.png')},a\n`);
    await expect(evaluateRun(fine, known)).rejects.toThrow(/1 of 2 subjects \(1 of 2 pictures\) were seen in training/);
    const copies = inFolder('copies of the first');
    await writePictures(copies, classes, [1, 1, 1], 650);
    await sharp(trained!.file).resize(40, 40).toFile(join(copies, 'a', 'copy.png'));
    await expect(evaluateRun(fine, copies)).rejects.toThrow(/1 of 4 pictures are near copies of training pictures/);
  });

  it('needs data for an exported model, which holds one set of weights and is not calibrated', async () => {
    const file = inFolder('model.onnx');
    await exportRun(run, file);
    await expect(evaluateRun(file)).rejects.toThrow(/model\.onnx: an ONNX file does not say what pictures to measure it on$/);
    await expect(evaluateRun(file, own, { checkpoint: 'last' })).rejects.toThrow(/holds one set of weights$/);
    await expect(calibrateRun(file, own)).rejects.toThrow(/model\.onnx: is a file, but the folder of a run is needed$/);
  });

  it('measures every split side by side', async () => {
    const evaluations = await evaluateSplits(run, own);
    expect(evaluations.map(({ split }) => split)).toEqual(['train', 'valid', 'test']);
    for (const evaluation of evaluations) {
      expect(evaluation).toEqual(await evaluateRun(run, own, { split: evaluation.split }));
    }
    const unsplit = inFolder('unsplit');
    await writePictures(unsplit, classes, [1, 1, 1], 600);
    await expect(evaluateSplits(run, unsplit)).rejects.toThrow(/unsplit: has no splits to measure side by side$/);
  });

  it("takes the run's own data by itself", async () => {
    expect(await evaluateRun(run)).toEqual(await evaluateRun(run, own));
  });

  it('gives the figures for each value of a column', async () => {
    const manifest = inFolder('gender.csv');
    const other = inFolder('people');
    await writePictures(other, classes, [2, 2, 2], 700);
    const rows = ['a/0.png,a,f,9', 'a/1.png,a,m,10', 'b/0.png,b,f,', 'b/1.png,b,,10', 'c/0.png,c,f,10', 'c/1.png,c,f,9'];
    await writeFile(manifest, `file,label,gender,camera\n${rows.join('\n')}\n`);
    const { by, intervals } = await evaluateRun(run, manifest, { root: other, by: ['gender', 'camera'] });
    expect(by.map(({ column, values }) => [column, ...values.map(({ value, pictures }) => [value, pictures])])).toEqual([
      ['gender', ['f', 4], ['m', 1], [null, 1]],
      ['camera', ['9', 2], ['10', 3], [null, 1]],
    ]);
    const women = by[0]!.values[0]!;
    expect(women.perClass.map(({ support }) => support)).toEqual([1, 1, 2]);
    expect(women.intervals).not.toEqual(intervals);
    expect(by[0]!.values[1]).toMatchObject({ intervals: null, ageError: null });
    expect(by[0]!.values[1]!.perClass[1]).toMatchObject({ recall: null, support: 0 });
    const only = inFolder('women.csv');
    await writeFile(only, `file,label,gender,camera\n${rows.filter((row) => row.includes(',f,')).join('\n')}\n`);
    const { value: _, ...figures } = women;
    expect(await evaluateRun(run, only, { root: other })).toMatchObject(figures);
  });

  it('gives them for data that the run has split itself', async () => {
    const manifest = inFolder('trained.csv');
    const rows = classes.flatMap((name, label) => [...Array(6).keys()].map((index) => `${name}/${index}.png,${name},${'fm'[(index + label) % 2]!}`));
    await writeFile(manifest, `file,label,gender\n${rows.join('\n')}\n`);
    const out = inFolder('run of a manifest');
    await start({ data: manifest, root: own, out, epochs: 1, network: smallNetwork(3) });
    const genders = new Map(rows.map((row) => [join(own, row.split(',')[0]!), row.at(-1)!]));
    const [, ...lines] = (await readFile(join(out, 'split.csv'), 'utf8')).trimEnd().split('\n');
    const tested = lines.map((line) => line.split(',')).filter((fields) => fields[4] === 'test');
    const count = (gender: string): number => tested.filter(([file]) => genders.get(file!) === gender).length;
    const { by } = await evaluateRun(out, manifest, { by: ['gender'] });
    const expected = ['f', 'm'].map((gender) => [gender, count(gender)]).filter(([, pictures]) => pictures !== 0);
    expect(by[0]!.values.map(({ value, pictures }) => [value, pictures])).toEqual(expected);
  });

  it('says which columns there are not', async () => {
    const manifest = inFolder('columns.csv');
    await writeFile(manifest, 'file,label,camera\na/0.png,a,\n');
    const options = { root: own, allowLeaks: true };
    await expect(evaluateRun(run, manifest, { ...options, by: ['gender'] })).rejects.toMatchObject({
      message: `${manifest}: there is no column "gender"`,
      hint: 'Its columns are file, label, camera.',
    });
    await expect(evaluateRun(run, manifest, { ...options, by: ['camera'] })).rejects.toThrow(/none of these pictures has a value/);
    await expect(evaluateRun(run, own, { by: ['gender'] })).rejects.toThrow(/data: a folder has no column "gender"$/);
  });

  it("measures by the report's protocol on varied pictures, the same each time, and allows leaks", async () => {
    const sure = await writeRun(inFolder('sure'), own, classes);
    await copyFile(join(run, 'split.csv'), sure.splitFile);
    const [plain, varied] = [await evaluateRun(sure.path), await evaluateRun(sure.path, own, { protocol: 'report' })];
    expect(varied).toMatchObject({ protocol: 'report', pictures: plain.pictures });
    expect(varied.loss).not.toBeCloseTo(plain.loss, 4);
    expect(await evaluateRun(sure.path, own, { protocol: 'report' })).toEqual(varied);
    const [manifest, root] = [inFolder('by picture.csv'), inFolder('by picture')];
    await writePictures(root, classes, [2, 2, 2], 360);
    const rows = ['a/0.png,a,p,train', 'b/1.png,b,q,train', 'a/1.png,a,p,test', 'c/1.png,c,,test'];
    await writeFile(manifest, `file,label,group,split\n${rows.join('\n')}\n`);
    const { leaks } = await evaluateRun(run, manifest, { root, protocol: 'report' });
    expect(leaks).toEqual({ groups: 1, ofGroups: 2, pictures: 1, ofPictures: 2 });
  });

  it('measures a single picture, and classes that do not occur', async () => {
    const one = inFolder('one');
    await writePictures(one, ['b'], [1], 800);
    const evaluation = await evaluateRun(run, one);
    expect(evaluation).toMatchObject({ pictures: 1, subjects: 1, intervals: null, ageError: null, majority: 1 });
    expect(evaluation.perClass[0]).toMatchObject({ recall: null, support: 0 });
    expect(evaluation.confusionShares[0]).toEqual([null, null, null]);
  });

  it('names the picture when the weights are no numbers', async () => {
    const broken = await writeRun(inFolder('broken run'), own, classes);
    const checkpoint = await loadCheckpoint(broken.checkpointFile('best'));
    (checkpoint.tensors.get('dense3.bias')!.data as Float32Array).fill(NaN);
    await saveCheckpoint(broken.checkpointFile('best'), checkpoint);
    const data = inFolder('for broken');
    await writePictures(data, classes, [1, 1, 1], 900);
    await expect(evaluateRun(broken.path, data)).rejects.toThrow(EngineError);
    await expect(evaluateRun(broken.path, data)).rejects.toThrow(/a\/0\.png: the network gives NaN for a$/);
  });

  it('keeps the classes of the run, whatever the data have', async () => {
    const fewer = inFolder('fewer');
    await writePictures(fewer, ['a', 'c'], [2, 2], 1000);
    expect((await evaluateRun(run, fewer)).perClass.map(({ support }) => support)).toEqual([2, 0, 2]);
    const strange = inFolder('strange');
    await writePictures(strange, ['a', 'z'], [1, 1], 1100);
    await expect(evaluateRun(run, strange)).rejects.toThrow(/"z" is not one of the classes a, b, c$/);
  });

  it('leaves pictures out that cannot be read, and lists them', async () => {
    const damaged = inFolder('damaged');
    await writePictures(damaged, classes, [2, 2, 2], 1200);
    const file = join(damaged, 'b', '1.png');
    await writeFile(file, 'no picture');
    const evaluation = await evaluateRun(run, damaged);
    expect(evaluation.pictures).toBe(5);
    expect(evaluation.problems).toEqual([{ file, reason: expect.any(String) as string }]);
  });

  it('tells how far it has come', async () => {
    const progress: [number, number, string][] = [];
    await rm(join(run, 'near-copies.json'), { force: true });
    await evaluateRun(run, own, { split: 'valid' }, (...told) => progress.push(told));
    const { length } = await pictures('valid');
    const countUp = (count: number, verb: string) => Array.from({ length: count }, (_, index) => [index + 1, count, verb]);
    expect(progress).toEqual([...countUp(20, 'compared'), ...countUp(length, 'read')]);
  });

  it('takes the best or the last weights', async () => {
    const other = inFolder('two checkpoints');
    await writeRun(other, own, classes);
    const data = inFolder('either');
    await writePictures(data, classes, [2, 2, 2], 1300);
    const best = await evaluateRun(other, data);
    expect((await evaluateRun(other, data, { checkpoint: 'best' })).loss).toBe(best.loss);
    expect((await evaluateRun(other, data, { checkpoint: 'last' })).loss).not.toBeCloseTo(best.loss, 2);
  });

  it('says when there is no run, or no such data', async () => {
    await expect(evaluateRun(inFolder(), own)).rejects.toThrow(ConfigError);
    await expect(evaluateRun(run, inFolder('nowhere'))).rejects.toThrow(DataError);
  });
});
