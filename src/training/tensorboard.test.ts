import { BinaryReader } from '@bufbuild/protobuf/wire';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EpochRecord } from './history.js';
import { RunFolder } from './run-folder.js';
import { writeTensorBoard } from './tensorboard.js';

let run: RunFolder;
beforeEach(async () => {
  run = new RunFolder(await mkdtemp(join(tmpdir(), 'ageband-tensorboard-')));
});
afterEach(() => rm(run.path, { recursive: true }));

const record = (epoch: number, changes: Partial<EpochRecord> = {}): EpochRecord => ({
  epoch,
  step: 10 * epoch,
  loss: 2 ** -epoch,
  accuracy: 0.25,
  val_loss: 2.5,
  val_accuracy: 0.125,
  learning_rate: 0.5,
  seconds: 1.5,
  images_per_second: 64,
  ...changes,
});

async function eventFile(subRun: string): Promise<string> {
  const folder = join(run.tensorboardFolder, subRun);
  const names = await readdir(folder);
  expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\.ageband$/)]);
  return join(folder, names[0]!);
}

interface Event {
  time: number;
  step: number;
  version?: string;
  scalars: Record<string, number>;
}

async function readEvents(subRun: string): Promise<Event[]> {
  const file = await readFile(await eventFile(subRun));
  const events: Event[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    events.push(parseEvent(file.subarray(at + 12, at + 12 + length)));
    at += length + 16;
  }
  return events;
}

function parseEvent(bytes: Uint8Array): Event {
  const event: Event = { time: NaN, step: 0, scalars: {} };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1) event.time = reader.double();
    else if (field === 2) event.step = Number(reader.int64());
    else if (field === 3) event.version = reader.string();
    else if (field === 5) parseSummary(reader.bytes(), event.scalars);
    else reader.skip(type);
  }
  return event;
}

function parseSummary(bytes: Uint8Array, scalars: Record<string, number>): void {
  const summary = new BinaryReader(bytes);
  while (summary.pos < summary.len) {
    expect(summary.tag()[0]).toBe(1);
    const value = new BinaryReader(summary.bytes());
    expect(value.tag()[0]).toBe(1);
    const tag = value.string();
    expect(value.tag()[0]).toBe(2);
    scalars[tag] = value.float();
  }
}

describe('writeTensorBoard', () => {
  it('writes scalars per epoch into two sub-runs', async () => {
    await writeTensorBoard(run, [record(1), record(2)]);
    const [first, ...training] = await readEvents('train');
    const start = first!.time;
    expect(first).toEqual({ time: start, step: 0, version: 'brain.Event:2', scalars: {} });
    expect(training).toEqual([
      { time: start + 1.5, step: 1, scalars: { epoch_loss: 0.5, epoch_accuracy: 0.25, epoch_learning_rate: 0.5 } },
      { time: start + 3, step: 2, scalars: { epoch_loss: 0.25, epoch_accuracy: 0.25, epoch_learning_rate: 0.5 } },
    ]);
    const validation = (await readEvents('validation')).map(({ scalars }) => scalars);
    expect(validation).toEqual([
      {},
      { epoch_loss: 2.5, epoch_accuracy: 0.125 },
      { epoch_loss: 2.5, epoch_accuracy: 0.125 },
    ]);
  });

  it('writes no validation curve without validation', async () => {
    await writeTensorBoard(run, [record(1, { val_loss: null, val_accuracy: null })]);
    expect(await readdir(run.tensorboardFolder)).toEqual(['train']);
  });

  it('adds an epoch at the end of the same file, also after a kill in the middle of a record', async () => {
    await writeTensorBoard(run, [record(1)]);
    const file = await eventFile('train');
    const before = await readFile(file);
    await truncate(file, before.length - 5);
    await writeTensorBoard(run, [record(1), record(2)]);
    expect((await readFile(await eventFile('train'))).subarray(0, before.length)).toEqual(before);
    expect((await readEvents('train')).map(({ step }) => step)).toEqual([0, 1, 2]);
  });

  it('follows a history that was cut or changed', async () => {
    await writeTensorBoard(run, [record(1), record(2)]);
    await writeTensorBoard(run, [record(1)]);
    expect((await readEvents('train')).map(({ step }) => step)).toEqual([0, 1]);
    await writeTensorBoard(run, [record(1, { loss: 8 }), record(2)]);
    expect((await readEvents('train')).map(({ scalars }) => scalars['epoch_loss'])).toEqual([undefined, 8, 0.25]);
  });
});
