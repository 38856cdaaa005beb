import { copyFile, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { AgebandError } from '../base/errors.js';
import { evaluateRun } from '../evaluation/evaluate.js';
import { compareRuns, shortNames } from './compare.js';
import { comparisonDocument, differingSettings, pText, verdictOf } from './comparison-document.js';
import { markdownOf } from './markdown.js';

const classes = ['a', 'b', 'c'];
const folder = sharedFolder();
const inFolder = (...names: string[]): string => join(folder.path, ...names);
let data: string;
let first: string;
let second: string;

/** A run with random weights that records the test pictures of `data` as its own, and others to train on. */
async function writeSplitRun(name: string): Promise<string> {
  const run = await writeRun(inFolder(name), data, classes);
  const rows = classes.flatMap((label) =>
    [0, 1, 2, 3].map((index) => `${join(data, label, `${index}.png`)},${label},,,${index === 0 ? 'train' : 'test'}`),
  );
  await writeFile(run.splitFile, `file,label,age,group,split\n${rows.join('\n')}\n`);
  return run.path;
}

beforeAll(async () => {
  data = inFolder('data');
  await writePictures(data, classes, [4, 4, 4]);
  first = await writeSplitRun('first');
  second = await writeSplitRun('second');
  // The weights of the last checkpoint are others.
  await copyFile(join(second, 'checkpoints', 'last.safetensors'), join(second, 'checkpoints', 'best.safetensors'));
});

async function errorOf(work: Promise<unknown>): Promise<AgebandError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof AgebandError)) throw new Error('no error of ours was thrown');
  return error;
}

describe('compareRuns', () => {
  it('a run and itself differ in nothing, and that is no news', async () => {
    const { differences, pictures, runs } = await compareRuns([first, first]);
    expect(pictures).toBe(9);
    expect(runs[0]!.judgement).toEqual(runs[1]!.judgement);
    for (const { difference, interval, p } of Object.values(differences[0]!)) {
      expect({ difference, interval, p }).toEqual({ difference: 0, interval: { low: 0, high: 0 }, p: 1 });
    }
  });

  it('gives the figures of evaluate, and their differences from the first run', async () => {
    const { runs, differences } = await compareRuns([first, second, first]);
    const expected = await Promise.all([first, second].map((run) => evaluateRun(run, undefined, { nearDuplicates: false })));
    expect(runs.map(({ judgement: { loss } }) => loss)).toEqual([expected[0]!.loss, expected[1]!.loss, expected[0]!.loss]);
    expect(differences).toHaveLength(2);
    expect(differences[0]!.loss.difference).toBeCloseTo(expected[1]!.loss - expected[0]!.loss, 9);
    expect(differences[1]!.loss.difference).toBe(0);
  });

  it('measures both on the pictures of other data', async () => {
    const other = inFolder('other');
    await writePictures(other, classes, { test: [2, 1, 1], train: [1, 1, 1] }, 500);
    expect(await compareRuns([first, second], { data: other })).toMatchObject({ pictures: 4, data: other });
    const error = await errorOf(compareRuns([first, second], { data: other, split: 'valid' }));
    expect(error.message).toMatch(/the valid split holds no pictures$/);
  });

  it('refuses runs whose own pictures differ, and says how', async () => {
    const elsewhere = inFolder('elsewhere');
    await cp(first, elsewhere, { recursive: true });
    const row = (index: number) => `${join(data, 'a', `${index}.png`)},a,,,test`;
    await writeFile(join(elsewhere, 'split.csv'), `file,label,age,group,split\n${row(0)}\n${row(1)}\n`);
    const error = await errorOf(compareRuns([first, elsewhere]));
    expect(error.message).toContain(`its 2 test pictures are not the 9 of ${first}, such as ${join(data, 'a', '0.png')}`);
    expect(error.hint).toContain('--data');
  });

  it('refuses pictures that one of the runs was trained on, unless that is allowed', async () => {
    const leaking = inFolder('leaking.csv');
    await writeFile(leaking, 'file,label,split\na/0.png,a,test\nb/1.png,b,test\nc/1.png,c,test\n');
    const options = { data: leaking, root: data };
    const error = await errorOf(compareRuns([first, second], options));
    expect(error.message).toContain('1 of 3 subjects of the test split (1 of 3 pictures) were seen in training');
    const comparison = await compareRuns([first, second], { ...options, allowLeaks: true });
    expect(comparison.runs.map(({ leaks }) => leaks?.pictures)).toEqual([1, 1]);
    const { markdown } = markdownOf(await comparisonDocument(comparison), '', 'x');
    expect(markdown).toContain('first has seen 1 of 3 subjects (1 of 3 pictures) in training: its figures are too good.');
  });

  it('refuses near copies of what one of the runs was trained on, and says whose', async () => {
    const copies = inFolder('copies');
    await writePictures(copies, classes, [2, 2, 2], 700);
    const elsewhere = inFolder('other training');
    await cp(second, elsewhere, { recursive: true });
    const trained = inFolder('trained.png');
    await sharp(join(copies, 'b', '1.png')).resize(40, 40).toFile(trained);
    await writeFile(join(elsewhere, 'split.csv'), `file,label,age,group,split\n${trained},b,,,train\n`);
    const error = await errorOf(compareRuns([first, elsewhere], { data: copies }));
    expect(error.message).toContain(`${elsewhere}: 1 of 6 pictures of the test split are near copies of training pictures`);
    expect((await compareRuns([first, elsewhere], { data: copies, nearDuplicates: false })).runs[1]!.nearCopies).toBeNull();
    const comparison = await compareRuns([first, elsewhere], { data: copies, allowLeaks: true });
    expect(comparison.runs.map(({ nearCopies }) => nearCopies?.pictures)).toEqual([0, 1]);
    const { markdown } = markdownOf(await comparisonDocument(comparison), '', 'x');
    expect(markdown).toContain('1 of 6 pictures are near copies of training pictures of other training: its figures are too good.');
  });

  it('refuses runs with other classes, and a run alone', async () => {
    const others = await writeRun(inFolder('others'), data, ['a', 'c', 'b']);
    expect((await errorOf(compareRuns([first, others.path]))).message).toMatch(/its classes are a, c, b, those of .*first are a, b, c$/);
    expect((await errorOf(compareRuns([first]))).message).toMatch(/at least two runs/);
  });
});

it('runs go by the last part of their paths where that tells them apart', () => {
  expect(shortNames(['runs/a', 'runs/b/'])).toEqual(['a', 'b']);
  expect(shortNames(['x/a', 'y/a'])).toEqual(['x/a', 'y/a']);
});

it('the settings that differ are told, and no others', async () => {
  const { runs } = await compareRuns([first, first]);
  expect(differingSettings(runs)).toEqual([]);
  const changed = [runs[0]!, { config: { ...runs[1]!.config, epochs: 99, clipNorm: 2 } }];
  expect(differingSettings(changed)).toEqual([
    { name: 'epochs', values: ['2', '99'] },
    { name: 'clipNorm', values: ['none', '2'] },
  ]);
});

it('a difference is called one only where p is below 5 %', () => {
  expect([verdictOf(1, 0.049, true), verdictOf(1, 0.049, false), verdictOf(-1, 0.049, false), verdictOf(1, 0.05, true)]).toEqual([
    ...['better', 'worse', 'better', 'could be chance'],
  ]);
  expect([pText(0.0002), pText(0.001), pText(1)]).toEqual(['< 0.001', '0.001', '1.000']);
});
