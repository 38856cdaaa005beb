import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFiles, temporaryFolder } from '../../test/support/folder.js';
import { ConfigError, DataError, FormatError } from '../base/errors.js';
import type { Dataset, Split } from '../data/sample.js';
import { parseConfig } from './config.js';
import { choosePictures, readPictures, requireSamePictures, writePictures, writeProblems } from './pictures.js';
import { RunFolder } from './run-folder.js';

const namesOf = (label: string, count: number, split = ''): string[] =>
  Array.from({ length: count }, (_, index) => `${split}${label}/${index}.png`);

/** Names of pictures suffice here: none is opened. */
async function choose(names: readonly string[], settings: Record<string, unknown> = {}): Promise<Dataset> {
  const data = await temporaryFolder(emptyFiles(...names));
  return await choosePictures(parseConfig({ data, batchSize: 2, ...settings }));
}

function countsOf({ samples }: Dataset): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { split, label } of samples) counts[`${split!} ${label}`] = (counts[`${split!} ${label}`] ?? 0) + 1;
  return counts;
}

describe('choosePictures', () => {
  const unsplit = [...namesOf('a', 10), ...namesOf('b', 20)];

  it('splits what is not split, by the seed', async () => {
    const dataset = await choose(unsplit);
    expect(countsOf(dataset)).toEqual({
      ...{ 'train 0': 6, 'train 1': 12, 'valid 0': 2, 'valid 1': 4, 'test 0': 2, 'test 1': 4 },
    });
    const splits = ({ samples }: Dataset): (Split | undefined)[] => samples.map(({ split }) => split);
    expect(splits(await choose(unsplit))).toEqual(splits(dataset));
    expect(splits(await choose(unsplit, { seed: 2 }))).not.toEqual(splits(dataset));
  });

  it('splits in other shares when they are given', async () => {
    const dataset = await choose(unsplit, { train: 0.5, valid: 0.5, test: 0 });
    expect(countsOf(dataset)).toEqual({ 'train 0': 5, 'train 1': 10, 'valid 0': 5, 'valid 1': 10 });
    await expect(choose(unsplit, { train: 0.9 })).rejects.toThrow(ConfigError);
  });

  it('keeps the splits that there are', async () => {
    const names = ['train/', 'valid/'].flatMap((split) => [...namesOf('a', 2, split), ...namesOf('b', 3, split)]);
    expect(countsOf(await choose(names))).toEqual({ 'train 0': 2, 'train 1': 3, 'valid 0': 2, 'valid 1': 3 });
  });

  it('takes no more than it is asked to, of all classes and splits', async () => {
    const dataset = await choose(unsplit, { limit: 15 });
    expect(dataset.samples).toHaveLength(15);
    const halves = { 'train 0': 3, 'train 1': 6, 'valid 0': 1, 'valid 1': 2, 'test 0': 1, 'test 1': 2 };
    const counts = countsOf(dataset);
    for (const [stratum, half] of Object.entries(halves)) {
      expect(Math.abs(counts[stratum]! - half), stratum).toBeLessThanOrEqual(1);
    }
  });

  it('refuses a limit that empties a split, and says what is enough', async () => {
    const failure = choose(unsplit, { limit: 3 });
    await expect(failure).rejects.toThrow(/^limit: with 3 of 30 pictures none is left for (valid|test)$/);
    await expect(failure).rejects.toMatchObject({ hint: 'With 6 there is one of every class in every split.' });
    expect(Object.keys(countsOf(await choose(unsplit, { limit: 6 })))).toHaveLength(6);
  });

  it('refuses shares of data that are split already, unless they come from another run', async () => {
    const split = [...namesOf('a', 3, 'train/'), ...namesOf('b', 3, 'train/')];
    const shares = { train: 0.8, valid: 0.1, test: 0.1 };
    await expect(choose(split, shares)).rejects.toThrow(/^train: .* is split already, got a share of 0\.8$/);
    expect((await choose(split, { ...shares, from: 'runs/a' })).samples).toHaveLength(6);
  });

  it('takes the classes that it is given', async () => {
    const dataset = await choose(unsplit, { classes: ['b', 'x', 'a'] });
    expect(dataset.classes).toEqual(['b', 'x', 'a']);
    expect(new Set(dataset.samples.map(({ label }) => label))).toEqual(new Set([0, 2]));
  });

  it('takes the folder of the pictures of a manifest', async () => {
    const pictures = await temporaryFolder(emptyFiles('1.png', '2.png', '3.png'));
    const manifest = 'file,label,split\n1.png,a,train\n2.png,b,train\n3.png,a,valid\n';
    const data = join(await temporaryFolder({ 'list.csv': manifest }), 'list.csv');
    const dataset = await choosePictures(parseConfig({ data, root: pictures, batchSize: 2 }));
    expect(dataset.samples.map(({ file }) => file)).toEqual(['1.png', '2.png', '3.png'].map((name) => join(pictures, name)));
  });

  it.each([
    ['one class', namesOf('a', 9), {}, /at least two classes are needed, got a$/],
    ['a batch larger than the train split', unsplit, { batchSize: 19 }, /a batch of 19 .* train split of 18 pictures$/],
    ['no train split', [...namesOf('a', 3, 'test/'), ...namesOf('b', 3, 'test/')], {}, /the train split holds no pictures/],
  ])('refuses %s', async (_name, names, settings, message) => {
    await expect(choose(names, settings)).rejects.toThrow(DataError);
    await expect(choose(names, settings)).rejects.toThrow(message);
  });
});

const classes = ['0-2', 'über "60", so'];
const recorded: Dataset = {
  ...{ root: '/pictures', kind: 'class-folders', classes, problems: [] },
  samples: [
    { file: '/pictures/one.png', label: 0, split: 'train' },
    { file: '/pictures/a, b/"two"\nlines.png', label: 1, split: 'valid', age: 61.5, group: 'Ann, "A."' },
    { file: '/pictures/nought.png', label: 0, split: 'test', age: 0, group: '007' },
  ],
};

async function folderWith(content?: string): Promise<RunFolder> {
  const run = new RunFolder(await temporaryFolder());
  if (content !== undefined) await writeFile(run.splitFile, content);
  return run;
}

describe('the record of the pictures of a run', () => {
  it('gives back what was written', async () => {
    const run = await folderWith();
    await writePictures(run, recorded);
    const dataset = await readPictures(run, classes);
    expect(dataset).toEqual({ ...recorded, root: run.splitFile, kind: 'manifest' });
  });

  it('says that it is missing', async () => {
    const reading = readPictures(await folderWith(), classes);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(/split\.csv: is missing$/);
  });

  const header = 'file,label,age,group,split\n';
  it.each([
    ['a split', `${header}/a.png,0-2,,,train\n/b.png,0-2,,,trian\n`, /is damaged: .*split/s],
    ['a label', `${header}/a.png,4-6,,,train\n`, /label "4-6" is none of 0-2/],
    ['an age', `${header}/a.png,0-2,ten,,train\n`, /is damaged: .*age/s],
    ['a column', 'file,label\n/a.png,0-2\n', /is damaged: .*split/s],
    ['a line', `${header}/a.png,0-2\n`, /is damaged: .*line 2/],
    ['a quote', `${header}"/a.png,0-2,,,train\n`, /is damaged: /],
  ])('says that %s is damaged', async (_name, content, message) => {
    const reading = readPictures(await folderWith(content), classes);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('requireSamePictures', () => {
  const [train, valid, test] = recorded.samples.map(({ file }) => ({ file, reason: 'not found' }));

  it('passes where the same pictures cannot be read as before', async () => {
    const run = await folderWith();
    await requireSamePictures(run, recorded, []);
    // Of a test picture a training knows nothing.
    await writeProblems(run, [valid!, test!, { file: '/list.csv', line: 3, reason: 'the age is empty' }]);
    await requireSamePictures(run, recorded, [valid!]);
  });

  it('names one that is gone, or has come back', async () => {
    const run = await folderWith();
    const gone = requireSamePictures(run, recorded, [valid!, train!]);
    await expect(gone).rejects.toThrow(DataError);
    await expect(gone).rejects.toThrow(`${valid!.file}: not found; 2 of the run's pictures could be read when it began, and cannot now`);
    await writeProblems(run, [train!]);
    await expect(requireSamePictures(run, recorded, [])).rejects.toThrow('/pictures/one.png: could not be read when the run began and can be read now, with 1 in all');
  });

  it('says that the list is damaged', async () => {
    const run = await folderWith();
    await writeFile(run.problemsFile, 'name\n"/a');
    await expect(requireSamePictures(run, recorded, [])).rejects.toThrow(/problems\.csv: is damaged: /);
  });
});

describe('writeProblems', () => {
  it('lists file, line and reason', async () => {
    const run = await folderWith();
    await writeProblems(run, [
      { file: '/list.csv', line: 7, reason: 'the age is empty' },
      { file: '/a.png', reason: 'too large, "by far"' },
    ]);
    expect(await readFile(run.problemsFile, 'utf8')).toBe(
      'file,line,reason\n/list.csv,7,the age is empty\n/a.png,,"too large, ""by far"""\n',
    );
  });

  it('leaves no file without problems', async () => {
    const run = await folderWith();
    await writeProblems(run, []);
    expect(existsSync(run.problemsFile)).toBe(false);
  });
});
