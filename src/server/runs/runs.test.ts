import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { appendEpoch } from '../../training/history.js';
import { createRun } from '../../training/run-folder.js';
import { findRuns } from './find-runs.js';
import { endOf, summariseRun } from './summary.js';

const epoch = (number: number, seconds = 10) => ({
  ...{ epoch: number, step: number, loss: 2 / number, accuracy: 0.5, val_loss: 2 / number, val_accuracy: 0.5 },
  ...{ learning_rate: 0.1, seconds, images_per_second: 20 },
});
const config = { data: '/nowhere', epochs: 4, imageSize: 64, classes: ['0-2', '60+'] };

describe('findRuns', () => {
  it('finds runs in folders of folders, but not in runs', async () => {
    const root = await temporaryFolder({
      'b/config.json': '{}',
      'b/inner/config.json': '{}',
      'sweep/trials/001/config.json': '{}',
      'a/b/c/d/config.json': '{}',
      '.hidden/config.json': '{}',
      'notes/readme.txt': '',
    });
    expect((await findRuns(root)).map(({ id }) => id)).toEqual(['b', 'sweep/trials/001']);
    expect(await findRuns(join(root, 'b'))).toEqual([{ id: '.', path: join(root, 'b') }]);
    expect(await findRuns(join(root, 'none'))).toEqual([]);
  });
});

describe('summariseRun', () => {
  it('tells what a run is at while it is trained, when it is stopped and when it is finished', async () => {
    const path = join(await temporaryFolder(), 'run');
    const found = { id: 'run', path };
    const run = await createRun(path, config);
    expect(await summariseRun(found)).toMatchObject({ state: 'running', done: 0, epochs: 4, last: null, endsAt: null });
    await appendEpoch(run, epoch(1));
    await appendEpoch(run, epoch(2));
    await utimes(run.historyJsonLines, 1000, 1000);
    expect(await summariseRun(found)).toMatchObject({
      ...{ id: 'run', state: 'running', about: 'baseline, 64 × 64', done: 2, checkpointAt: null },
      ...{ last: { epoch: 2 }, best: { epoch: 2 }, endsAt: 1_000_000 + 20_000 },
    });
    run.release();
    expect(await summariseRun(found)).toMatchObject({ state: 'stopped', endsAt: null });
    await writeFile(run.modelFile, '');
    expect(await summariseRun(found)).toMatchObject({ state: 'finished' });
  });

  it('says what is wrong with a run that is damaged', async () => {
    const path = join(await temporaryFolder({ 'run/config.json': '{"epochs": "many"}' }), 'run');
    const summary = await summariseRun({ id: 'run', path });
    expect(summary.state).toBe('damaged');
    expect(summary.about).toContain('epochs: must be a number');
  });
});

describe('endOf', () => {
  it('counts on the mean of the last five epochs', () => {
    const history = [100, 10, 10, 10, 10, 20].map((seconds, index) => epoch(index + 1, seconds));
    expect(endOf(history, 8, 5000)).toBe(5000 + 2 * 12_000);
    expect(endOf(history, 6, 5000)).toBe(5000);
    expect(endOf([], 6, 5000)).toBeNull();
  });
});
