import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FormatError } from '../base/errors.js';
import { appendEpoch, bestEpoch, readHistory, truncateHistory } from './history.js';
import type { EpochRecord } from './history.js';
import { RunFolder } from './run-folder.js';

let run: RunFolder;
beforeEach(async () => {
  run = new RunFolder(await mkdtemp(join(tmpdir(), 'ageband-history-')));
});
afterEach(() => rm(run.path, { recursive: true }));

const record = (epoch: number, changes: Partial<EpochRecord> = {}): EpochRecord => ({
  epoch,
  step: 10 * epoch,
  loss: 2 / epoch,
  accuracy: 0.25,
  val_loss: 2.5,
  val_accuracy: 0.125,
  learning_rate: 0.001,
  seconds: 1.5,
  images_per_second: 64,
  ...changes,
});

describe('history', () => {
  it('is empty before the first epoch', async () => {
    expect(await readHistory(run)).toEqual([]);
  });

  it('is written as JSON lines and as CSV', async () => {
    await appendEpoch(run, record(1));
    const history = await appendEpoch(run, record(2, { val_loss: null, val_accuracy: null }));
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(await readHistory(run)).toEqual(history);
    expect(await readFile(run.historyCsv, 'utf8')).toBe(
      'epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second,step\n' +
        '1,2,0.25,2.5,0.125,0.001,1.5,64,10\n' +
        '2,1,0.25,,,0.001,1.5,64,20\n',
    );
    expect((await readdir(run.path)).sort()).toEqual(['history.csv', 'history.jsonl']);
  });

  it('keeps every bit of a number', async () => {
    const history = await appendEpoch(run, record(1, { loss: 0.1 + 0.2, learning_rate: 5e-324 }));
    expect(await readHistory(run)).toEqual(history);
  });

  it('replaces an epoch that was trained again', async () => {
    for (const epoch of [1, 2, 3]) await appendEpoch(run, record(epoch));
    expect(await appendEpoch(run, record(2, { loss: 7 }))).toEqual([record(1), record(2, { loss: 7 })]);
  });

  it('is cut to a checkpoint', async () => {
    for (const epoch of [1, 2, 3]) await appendEpoch(run, record(epoch));
    expect(await truncateHistory(run, 1)).toEqual([record(1)]);
    expect(await readHistory(run)).toEqual([record(1)]);
    expect((await readFile(run.historyCsv, 'utf8')).trim().split('\n')).toHaveLength(2);
    expect(await truncateHistory(run, 0)).toEqual([]);
    expect(await readHistory(run)).toEqual([]);
  });

  it('is read without damaged lines at the end', async () => {
    const whole = `${JSON.stringify(record(1))}\n`;
    await writeFile(run.historyJsonLines, `${whole}${JSON.stringify(record(2)).slice(0, 40)}`);
    expect(await readHistory(run)).toEqual([record(1)]);
    await writeFile(run.historyJsonLines, `${whole}{"epoch":2}\n\0\0\0\0`);
    expect(await readHistory(run)).toEqual([record(1)]);
  });

  it('names a damaged line before a good one', async () => {
    await writeFile(run.historyJsonLines, `${JSON.stringify(record(1))}\n{"epoch":2}\n${JSON.stringify(record(3))}\n`);
    await expect(readHistory(run)).rejects.toThrow(FormatError);
    await expect(readHistory(run)).rejects.toThrow(/line 2 is damaged/);
  });
});

describe('bestEpoch', () => {
  it('has the lowest validation loss; of equal ones the first', () => {
    const history = [3, 2, 2, 4].map((val_loss, index) => record(index + 1, { val_loss }));
    expect(bestEpoch(history)?.epoch).toBe(2);
  });

  it('has the lowest training loss without validation', () => {
    const history = [3, 1, 2].map((loss, index) => record(index + 1, { loss, val_loss: null, val_accuracy: null }));
    expect(bestEpoch(history)?.epoch).toBe(2);
  });

  it('does not exist before the first epoch', () => {
    expect(bestEpoch([])).toBeUndefined();
  });
});
