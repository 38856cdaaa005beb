import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import { PURPOSE, randomStream } from '../../src/base/random.js';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor } from '../../src/base/tensor.js';
import { getModel } from '../../src/models/registry.js';
import { heNormal } from '../../src/nn/initialisers.js';
import { parameterSpecs } from '../../src/nn/network.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/training/checkpoint.js';
import { parseConfig } from '../../src/training/config.js';
import type { TrainingEvent, TrainingListener } from '../../src/training/events.js';
import { continueRun, startRun } from '../../src/training/run.js';
import type { RunFolder } from '../../src/training/run-folder.js';
import { createRun } from '../../src/training/run-folder.js';
import { emptyScore } from '../../src/training/targets.js';

const PICTURE_SIZE = 16;

/** A noisy PNG in the colour of a class. */
async function noisyPicture(label: number, key: number): Promise<Buffer> {
  const random = randomStream(label, PURPOSE.augment, key);
  const data = Uint8Array.from({ length: 3 * PICTURE_SIZE ** 2 }, (_, index) => {
    const level = index % 3 === label % 3 ? 170 : 60;
    return level + random.integer(60);
  });
  return await sharp(data, { raw: { width: PICTURE_SIZE, height: PICTURE_SIZE, channels: 3 } }).png().toBuffer();
}

/** How many pictures of each class each split holds; without splits, how many pictures each class has. */
export type Counts = Readonly<Record<string, readonly number[]>> | readonly number[];

/**
 * Writes pictures of several classes: `SPLIT/CLASS/K.png`, or `CLASS/K.png` without splits.
 * @param counts for instance `{ train: [4, 4], valid: [1, 1] }`, or `[5, 5]`
 * @param firstKey pictures of equal keys are the same, so another data set begins with one that is not used yet
 */
export async function writePictures(root: string, classes: readonly string[], counts: Counts, firstKey = 0): Promise<void> {
  const splits = Array.isArray(counts) ? { '.': counts as readonly number[] } : (counts as Record<string, number[]>);
  let key = firstKey;
  for (const [split, numbers] of Object.entries(splits)) {
    for (const [label, count] of numbers.entries()) {
      const folder = join(root, split, classes[label]!);
      await mkdir(folder, { recursive: true });
      for (let index = 0; index < count; index++) {
        await writeFile(join(folder, `${index}.png`), await noisyPicture(label, key++));
      }
    }
  }
}

/** A folder for all tests of a file; it is removed in the end. */
export function sharedFolder(): { path: string } {
  const folder = { path: '' };
  beforeAll(async () => {
    folder.path = await realpath(await mkdtemp(join(tmpdir(), 'ageband-training-')));
  });
  afterAll(() => rm(folder.path, { recursive: true }));
  return folder;
}

/** Settings with which the report's network trains in a second, on the calling thread. */
export const QUICK = {
  ...{ imageSize: 37, batchSize: 4, epochs: 2, momentum: 0.9, learningRate: 0.05, seed: 7 },
  ...{ workers: 0, threads: 1 },
} as const;

/** Weights of the report's network that make something of each picture, unlike its first ones. */
function strongWeights(imageSize: number, classes: number, key: number): Map<string, HostTensor> {
  const specs = parameterSpecs(getModel('baseline'), { imageSize, classes });
  return new Map(
    specs.map(({ name, shape }, index) => {
      const random = randomStream(key, PURPOSE.initialise, index);
      if (name.endsWith('.kernel')) return [name, floatTensor(heNormal(shape, random), shape)];
      const [low, high] = /\.(gamma|moving_variance)$/.test(name) ? [0.5, 2] : [-0.5, 0.5];
      return [name, floatTensor(Float32Array.from({ length: shape[0]! }, () => random.uniformBetween(low, high)), shape)];
    }),
  );
}

/** Writes a run that has not been trained but has random weights, others in its best checkpoint than in its last. */
export async function writeRun(path: string, data: string, classes: readonly string[]): Promise<RunFolder> {
  const config = parseConfig({ ...QUICK, data, classes });
  const run = await createRun(path, config);
  run.release();
  const state = { epoch: 2, step: 1, batchInEpoch: 0, seed: 1, sums: emptyScore(), configHash: '' };
  for (const [key, which] of (['best', 'last'] as const).entries()) {
    const tensors = strongWeights(config.imageSize, classes.length, key);
    await saveCheckpoint(run.checkpointFile(which), { tensors, state });
  }
  return run;
}

/** A training that has ended, with everything that it told. */
export interface Told {
  readonly events: readonly TrainingEvent[];
  /** The events of one kind. */
  of<Kind extends TrainingEvent['kind']>(kind: Kind): Extract<TrainingEvent, { kind: Kind }>[];
}

/** What a test may do while a training goes on: stop it, for instance. */
export type Watcher = (event: TrainingEvent, stop: () => void) => void;

async function listenTo(
  training: (listen: TrainingListener, signal: AbortSignal) => Promise<void>,
  watch: Watcher,
): Promise<Told> {
  const events: TrainingEvent[] = [];
  const controller = new AbortController();
  await training((event) => {
    events.push(event);
    watch(event, () => controller.abort());
  }, controller.signal);
  return {
    events,
    of: <Kind extends TrainingEvent['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<TrainingEvent, { kind: Kind }> => event.kind === kind),
  };
}

/** Starts a run and trains to its end, or to the end of an epoch. */
export async function start(
  settings: { data: string; out: string } & Readonly<Record<string, unknown>>,
  watch: Watcher = () => undefined,
  until?: number,
): Promise<Told> {
  return await listenTo((listen, signal) => startRun({ ...QUICK, ...settings }, listen, signal, { until }), watch);
}

/** Goes on with a run, to its end or to the end of an epoch. */
export async function resume(out: string, watch: Watcher = () => undefined, until?: number): Promise<Told> {
  return await listenTo((listen, signal) => continueRun(out, listen, signal, { until }), watch);
}

/** A digest of each tensor of a checkpoint, to compare them bit for bit. */
export async function digestsOf(run: string, checkpoint = 'last'): Promise<Record<string, string>> {
  const { tensors } = await loadCheckpoint(join(run, 'checkpoints', `${checkpoint}.safetensors`));
  const digests = [...tensors].map(([name, { data, shape }]) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return [name, `${shape.join('×')} ${createHash('sha256').update(bytes).digest('hex')}`] as const;
  });
  return Object.fromEntries(digests);
}
