import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, resume, sharedFolder, start, writePictures } from '../../test/support/training.js';
import { DivergedError } from '../base/errors.js';
import { loadCheckpoint } from './checkpoint.js';
import { readHistory } from './history.js';
import { RunFolder } from './run-folder.js';

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);
/** Eleven pictures to train on: two batches of four and one of three. */
let data: string;
/** One batch of four. */
let few: string;
/** The last weights of two epochs that nothing interrupted. */
let expected: Record<string, string>;

beforeAll(async () => {
  data = join(folder.path, 'data');
  await writePictures(data, ['a', 'b', 'c'], { train: [4, 4, 3], valid: [1, 1, 1] });
  few = join(folder.path, 'few');
  await writePictures(few, ['a', 'b'], { train: [2, 2], valid: [1, 1] });
  await start({ data, out: out('whole') });
  expected = await digestsOf(out('whole'));
});

/** The history without the columns that tell of time. */
async function historyOf(run: string) {
  const history = await readHistory(new RunFolder(run));
  return history.map(({ seconds: _seconds, images_per_second: _rate, ...record }) => record);
}

const stateOf = async (run: string) => (await loadCheckpoint(new RunFolder(run).checkpointFile('last'))).state;

async function expectWhole(run: string): Promise<void> {
  expect(await digestsOf(run)).toEqual(expected);
  expect(await historyOf(run)).toEqual(await historyOf(out('whole')));
}

describe('a run that is to pause', () => {
  it('ends after an epoch and goes on to the same weights, with a rate that falls over the whole run', async () => {
    const settings = { data, epochs: 3, schedule: 'cosine' };
    await start({ ...settings, out: out('cosine') });
    const run = out('paused');
    const first = await start({ ...settings, out: run }, undefined, 1);
    expect(first.events.at(-1)).toMatchObject({ kind: 'end', reason: 'paused', best: { epoch: 1 } });
    // Half a cosine over nine steps, after two of them: not over the three of this epoch.
    expect(first.of('epoch').map(({ record }) => record.learning_rate)).toEqual([
      expect.closeTo(0.025 * (1 + Math.cos((Math.PI * 2) / 9)), 12),
    ]);
    expect(await readdir(run)).not.toContain('model.onnx');
    // Where it stands already, it stays.
    const again = await resume(run, undefined, 1);
    expect(again.of('step')).toEqual([]);
    expect(again.events.at(-1)).toMatchObject({ reason: 'paused' });
    const last = await resume(run, undefined, 5);
    expect(last.events.at(-1)).toMatchObject({ reason: 'finished' });
    expect(await digestsOf(run)).toEqual(await digestsOf(out('cosine')));
    expect(await historyOf(run)).toEqual(await historyOf(out('cosine')));
  });
});

describe('an interrupted run', () => {
  it('stops in the middle of an epoch and goes on to the same weights', async () => {
    const run = out('middle');
    const first = await start({ data, out: run }, (event, stop) => {
      if (event.kind === 'step' && event.epoch === 2 && event.step === 2) stop();
    });
    expect(first.events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
    expect(first.of('checkpoint').at(-1)).toMatchObject({ reason: 'stop' });
    expect(first.of('step')).toHaveLength(5);
    expect(await stateOf(run)).toMatchObject({ epoch: 2, step: 5, batchInEpoch: 2, sums: { seen: 8 } });

    const second = await resume(run);
    expect(second.of('start')[0]).toMatchObject({ resumedAt: { epoch: 2, step: 2 } });
    expect(second.of('step').map(({ epoch, step }) => [epoch, step])).toEqual([[2, 3]]);
    expect(second.events.at(-1)).toMatchObject({ kind: 'end', reason: 'finished' });
    await expectWhole(run);
  });

  it.each(['step', 'validation'])('asked to stop with the last %s of an epoch goes on to the same weights', async (kind) => {
    const run = out(`end with ${kind}`);
    const first = await start({ data, out: run }, (event, stop) => {
      if (event.kind === kind && (event.kind !== 'step' || event.step === 3)) stop();
    });
    expect(first.of('epoch')).toEqual([]);
    expect(first.of('checkpoint').at(-1)).toMatchObject({ reason: 'stop' });
    expect(first.events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
    expect(await stateOf(run)).toMatchObject({ epoch: 1, step: 3, batchInEpoch: 3, sums: { seen: 11 } });
    const second = await resume(run);
    expect(second.of('step').map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
    await expectWhole(run);
  });

  it('may be stopped before its first step', async () => {
    const run = out('first');
    const first = await start({ data, out: run }, (event, stop) => {
      if (event.kind === 'loading') stop();
    });
    expect(first.of('step')).toEqual([]);
    expect(first.events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
    await resume(run);
    await expectWhole(run);
  });

  it('that is finished already is left as it is', async () => {
    const run = out('finished');
    await cp(out('whole'), run, { recursive: true });
    await rm(join(run, 'model.onnx'));
    const told = await resume(run);
    expect(told.of('step')).toEqual([]);
    expect(told.events.at(-1)).toMatchObject({ kind: 'end', reason: 'finished', best: { epoch: expect.any(Number) as number } });
    expect(await readdir(run)).toContain('model.onnx');
    await expectWhole(run);
  });
});

it('early stopping ends a run after epochs without a lower validation loss, and its resumption as well', async () => {
  // What is learned of the classes' frequencies is wrong for the validation pictures.
  const contrary = join(folder.path, 'contrary');
  await writePictures(contrary, ['a', 'b'], { train: [3, 1], valid: [1, 3] });
  const run = out('early');
  const told = await start({ data: contrary, out: run, epochs: 9, earlyStopping: 2 });
  const records = told.of('epoch').map(({ record }) => record);
  expect(records.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(told.events.at(-1)).toEqual({ kind: 'end', reason: 'early-stopping', run, best: records[0] });
  const weights = await digestsOf(run);

  const again = await resume(run);
  expect(again.of('step')).toEqual([]);
  expect(again.events.at(-1)).toMatchObject({ kind: 'end', reason: 'early-stopping' });
  expect(await digestsOf(run)).toEqual(weights);
});

describe('a loss that is no number', () => {
  it('stops the run, says where, and leaves the earlier checkpoint intact', async () => {
    const run = out('nan');
    const training = start({ data, out: run, learningRate: 1e20 });
    await expect(training).rejects.toThrow(DivergedError);
    await expect(training).rejects.toThrow(/^the loss became (NaN|Infinity) at step 2 \(epoch 1, batch 2\)$/);
    const last = new RunFolder(run).checkpointFile('last');
    await expect(training).rejects.toMatchObject({ hint: expect.stringContaining(last) as string });
    await expect(training).rejects.toMatchObject({ hint: expect.stringContaining('--learning-rate') as string });
    const { tensors, state } = await loadCheckpoint(last);
    expect(state).toMatchObject({ epoch: 1, step: 0 });
    for (const { data: values } of tensors.values()) expect((values as Float32Array).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['in the validation loss', 1e38, /^the validation loss became (NaN|Infinity) at step 1 \(epoch 1, batch 1\)$/],
    ['in a weight', 1e39, /^a weight became NaN or infinite at step 1 \(epoch 1, batch 1\)$/],
  ])('is found after the last step of an epoch %s', async (name, learningRate, message) => {
    const run = out(`ruined ${name}`);
    const training = start({ data: few, out: run, learningRate, momentum: 0 });
    await expect(training).rejects.toThrow(DivergedError);
    await expect(training).rejects.toThrow(message);
    expect(await stateOf(run)).toMatchObject({ epoch: 1, step: 0 });
    expect(await readHistory(new RunFolder(run))).toEqual([]);
  });
});
