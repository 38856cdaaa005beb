import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedRun } from '../../test/support/shared-run.js';
import { calibrateRun } from '../evaluation/calibrate.js';
import { evaluateRun } from '../evaluation/evaluate.js';
import { measureRun } from './measured-run.js';

const classes = ['a', 'b', 'c'];
let data: string;
let run: string;
const counts = { train: [4, 4, 4], valid: [2, 2, 2], test: [3, 2, 1] };
const inFolder = sharedRun(classes, counts, 'trained', (paths) => ({ data, run } = paths));

/** What a measurement was told to do: `read`, `measured` and `compared`, each once. */
async function measured(path = run, options = {}) {
  const verbs = new Set<string>();
  const result = await measureRun(path, options, (_done, _total, verb) => verbs.add(verb));
  return { ...result, verbs: [...verbs] };
}

describe('measureRun', () => {
  it('gives the figures of evaluate for every part, and measures the same pictures only once', async () => {
    const first = await measured();
    expect(first.parts.map(({ split, judgement }) => [split, judgement.pictures])).toEqual([['train', 12], ['valid', 6], ['test', 6]]);
    const expected = await evaluateRun(run, undefined, { split: 'test' });
    const { loss, confusion, intervals, worstMistakes } = first.parts[2]!.judgement;
    expect({ loss, confusion, intervals, worstMistakes }).toEqual({
      ...{ loss: expected.loss, confusion: expected.confusion },
      ...{ intervals: expected.intervals, worstMistakes: expected.worstMistakes },
    });
    expect(first.verbs).toContain('measured');
    const second = await measured();
    expect(second.verbs).toEqual([]);
    expect(second.parts).toEqual(first.parts);
  });

  it('measures again when a picture has changed, or what is kept is damaged', async () => {
    const file = join(data, 'test', 'a', '0.png');
    await utimes(file, new Date(), new Date((await stat(file)).mtimeMs + 5000));
    expect((await measured()).verbs).toContain('measured');
    expect((await measured()).verbs).toEqual([]);
    const store = join(run, 'predictions.json');
    await writeFile(store, (await readFile(store, 'utf8')).slice(0, -20));
    expect((await measured()).verbs).toContain('measured');
  });

  it('takes up a temperature that is fitted later, with what is kept', async () => {
    const before = (await measured()).parts[2]!.judgement.loss;
    const { temperature } = await calibrateRun(run);
    const { parts, verbs } = await measured();
    expect(verbs).toEqual([]);
    expect(parts.map((part) => [part.temperature?.value, part.temperature?.fittedHere])).toEqual([
      ...[[temperature, false], [temperature, true], [temperature, false]],
    ]);
    expect(parts[2]!.temperature!.before.loss).toBeCloseTo(before, 6);
    expect(parts[2]!.judgement.loss).toBeCloseTo((await evaluateRun(run)).loss, 6);
  });

  it('says how much of other data was seen in training, and keeps nothing of them', async () => {
    const manifest = inFolder('list.csv');
    const rows = ['train/a/0.png,a', 'test/b/0.png,b', 'train/c/1.png,c', 'test/a/99.png,a'];
    await writeFile(manifest, `file,label\n${rows.join('\n')}\n`);
    const before = await readFile(join(run, 'predictions.json'), 'utf8');
    const { parts, dataset } = await measured(run, { data: manifest, root: data });
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({ split: null, leaks: { groups: 2, ofGroups: 3, pictures: 2, ofPictures: 3 }, nearCopies: { pictures: 2 } });
    expect(dataset.problems).toHaveLength(1);
    expect(await readFile(join(run, 'predictions.json'), 'utf8')).toBe(before);
  });

  it('gives figures by gender where the manifest has that column', async () => {
    const manifest = inFolder('people.csv');
    const rows = ['train/a/0.png,a,f', 'train/b/0.png,b,m', 'test/a/1.png,a,f', 'test/c/0.png,c,'];
    await writeFile(manifest, `file,label,gender\n${rows.join('\n')}\n`);
    const { parts } = await measured(run, { data: manifest, root: data });
    expect(parts[0]!.columns.map(({ column, values }) => [column, values.map(({ value, pictures }) => [value, pictures])])).toEqual([
      ['gender', [['f', 2], ['m', 1], [null, 1]]],
    ]);
    expect((await measured()).parts[2]!.columns).toEqual([]);
  });
});
