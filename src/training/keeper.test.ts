import { cpSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { digestsOf, resume, sharedFolder, start, writePictures } from '../../test/support/training.js';
import type { TrainingEvent } from './events.js';
import { readHistory } from './history.js';
import { RunFolder } from './run-folder.js';

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);
let data: string;

/** Moments at which a run is copied, as a killed process would leave it. */
const moments: Record<string, (event: TrainingEvent) => boolean> = {
  'while pictures are read': (event) => event.kind === 'loading' && event.done === 1,
  'before the first step': (event) => event.kind === 'checkpoint' && event.reason === 'start',
  'in the middle of the first epoch': (event) => event.kind === 'step' && event.epoch === 1,
  'between history and checkpoints': (event) => event.kind === 'epoch' && event.record.epoch === 2,
  'between the best checkpoint and the last': (event) => event.kind === 'checkpoint' && event.reason === 'best',
  'between the checkpoint of the epoch and the last': (event) =>
    event.kind === 'checkpoint' && event.file.endsWith('epoch-002.safetensors'),
};

beforeAll(async () => {
  data = join(folder.path, 'data');
  await writePictures(data, ['a', 'b'], { train: [3, 3], valid: [1, 1] });
  await start({ data, out: out('whole'), checkpointEvery: 2 }, (event) => {
    for (const [name, isMoment] of Object.entries(moments)) {
      if (!isMoment(event)) continue;
      // The lock of a process that runs, as this one does, could not be taken over.
      cpSync(out('whole'), out(name), { recursive: true, filter: (path) => basename(path) !== '.lock' });
    }
  });
});

/** The history without the columns that tell of time. */
async function historyOf(run: string) {
  const history = await readHistory(new RunFolder(run));
  return history.map(({ seconds: _seconds, images_per_second: _rate, ...record }) => record);
}

async function expectWhole(run: string): Promise<void> {
  for (const checkpoint of ['last', 'best', 'epoch-002']) {
    expect(await digestsOf(run, checkpoint), checkpoint).toEqual(await digestsOf(out('whole'), checkpoint));
  }
  expect(await historyOf(run)).toEqual(await historyOf(out('whole')));
  expect(await readFile(join(run, 'split.csv'), 'utf8')).toBe(await readFile(join(out('whole'), 'split.csv'), 'utf8'));
}

it('a run that was killed after it recorded an epoch, but not its weights, forgets the epoch', async () => {
  const run = out('forgetful');
  cpSync(out('between history and checkpoints'), run, { recursive: true });
  expect(await historyOf(run)).toHaveLength(2);
  await resume(run, (event, stop) => {
    if (event.kind === 'loading') stop();
  });
  expect((await historyOf(run)).map(({ epoch }) => epoch)).toEqual([1]);
});

it.each(Object.keys(moments))('a run that was killed %s goes on to the same weights', async (name) => {
  await resume(out(name));
  await expectWhole(out(name));
});

it('a run that was killed before it recorded its pictures goes on to the same weights', async () => {
  const run = out('bare');
  cpSync(out('whole'), run, { recursive: true });
  for (const name of ['split.csv', 'history.csv', 'history.jsonl', 'checkpoints', 'tensorboard']) {
    await rm(join(run, name), { recursive: true });
  }
  await resume(run);
  await expectWhole(run);
});
