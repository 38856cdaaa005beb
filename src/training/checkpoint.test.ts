import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, FormatError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import type { HostTensor } from '../base/tensor.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { checkFits, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { Checkpoint, CheckpointState } from './checkpoint.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-checkpoint-'));
  path = join(folder, 'last.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

const state: CheckpointState = {
  epoch: 2,
  step: 13,
  batchInEpoch: 3,
  seed: 7,
  sums: { loss: 0.1 + 0.2, counted: 25, correct: 5, seen: 30 },
  figures: 'target',
  configHash: 'c0ffee',
};
const tensors = new Map<string, HostTensor>([
  ['conv1/kernel', floatTensor([1, -0, NaN, 3e-45], [2, 2])],
  ['optimiser/step', { type: 'int64', data: BigInt64Array.of(13n), shape: [] }],
]);
const checkpoint: Checkpoint = { tensors, state };

const saveWith = (metadata: Record<string, string>): Promise<void> =>
  writeFile(path, Buffer.concat(writeSafetensors(tensors, metadata)));

describe('saveCheckpoint and loadCheckpoint', () => {
  it('keep every bit', async () => {
    await saveCheckpoint(path, checkpoint);
    const loaded = await loadCheckpoint(path);
    expect(loaded).toEqual(checkpoint);
    const bits = ({ data }: HostTensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    expect(bits(loaded.tensors.get('conv1/kernel')!).equals(bits(tensors.get('conv1/kernel')!))).toBe(true);
  });

  it('keep the best epoch', async () => {
    const best = {
      epoch: 1,
      step: 10,
      loss: 2,
      accuracy: 0.25,
      val_loss: null,
      val_accuracy: null,
      learning_rate: 0.1,
      seconds: 1,
      images_per_second: 9,
    };
    await saveCheckpoint(path, { tensors, state: { ...state, best } });
    expect((await loadCheckpoint(path)).state.best).toEqual(best);
  });

  it('take a state from before pictures between two bands were told apart', async () => {
    const { figures: _figures, ...older } = { ...state, sums: { loss: 1, correct: 5, seen: 30 } };
    await saveWith({ format: 'ageband-checkpoint', version: '1', state: JSON.stringify(older) });
    expect((await loadCheckpoint(path)).state).toEqual({ ...older, sums: { loss: 1, counted: 30, correct: 5, seen: 30 } });
  });

  it('refuse a missing file, one cut off, and other safetensors files', async () => {
    await expect(loadCheckpoint(path)).rejects.toThrow(FileError);
    await saveCheckpoint(path, checkpoint);
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    await expect(loadCheckpoint(path)).rejects.toThrow(`${path}: cut off`);
    await saveWith({});
    await expect(loadCheckpoint(path)).rejects.toThrow(/no checkpoint/);
  });

  it('refuse another version and a damaged state', async () => {
    await saveWith({ format: 'ageband-checkpoint', version: '2', state: '{}' });
    await expect(loadCheckpoint(path)).rejects.toThrow(/version 2; only version 1/);
    await saveWith({ format: 'ageband-checkpoint', version: '1', state: JSON.stringify({ ...state, step: -1 }) });
    await expect(loadCheckpoint(path)).rejects.toThrow(/damaged state.*step/s);
    await saveWith({ format: 'ageband-checkpoint', version: '1', state: '{' });
    await expect(loadCheckpoint(path)).rejects.toThrow(FormatError);
  });
});

describe('checkFits', () => {
  const kernel = { name: 'conv1/kernel', shape: [2, 2] };
  const step = { name: 'optimiser/step', shape: [] };

  it('accepts the tensors in any order', () => {
    expect(() => checkFits(checkpoint, [step, kernel], 'x')).not.toThrow();
  });

  it.each([
    ['missing', [kernel, step, { name: 'dense1/kernel', shape: [8] }], 'x: tensor "dense1/kernel" is missing'],
    ['misshapen', [{ ...kernel, shape: [4] }, step], 'x: tensor "conv1/kernel" has shape [2, 2], expected [4]'],
    ['unexpected', [kernel], 'x: tensor "optimiser/step" is unexpected'],
  ])('names a tensor that is %s', (_, specs, message) => {
    expect(() => checkFits(checkpoint, specs, 'x')).toThrow(FormatError);
    expect(() => checkFits(checkpoint, specs, 'x')).toThrow(message);
  });
});
