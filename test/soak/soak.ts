/** Trains a tiny network as the command line does, kills it again and again, and compares it with one that was left alone. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomStream } from '../../src/base/random.js';
import { PURPOSE, randomStream } from '../../src/base/random.js';
import { loadCheckpoint } from '../../src/training/checkpoint.js';
import { ageband, FACES, startAgeband } from '../support/cli.js';

export interface SoakOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly steps: number;
  /** How often it is killed, in turn by SIGKILL and by SIGINT. */
  readonly kills: number;
  /** Of the moments. */
  readonly seed: number;
  readonly tell?: (line: string) => void;
}

/** How a training ended. */
export interface Trained {
  /** SHA-256 of every tensor of the last and the best checkpoint: weights and the optimiser's state. */
  readonly tensors: Record<string, string>;
  /** Of the exported model. */
  readonly model: string;
  /** Losses and accuracies of all epochs. */
  readonly history: readonly unknown[];
  /** Names of all files of the run. */
  readonly files: readonly string[];
}

export interface SoakResult {
  readonly undisturbed: Trained;
  readonly disturbed: Trained;
  /** What happened to the disturbed one: `SIGKILL after 12 steps`, for instance. */
  readonly ends: readonly string[];
}

/** Pictures of which 24 are for training: six steps an epoch. */
const PICTURES = 40;
const STEPS_PER_EPOCH = 6;
/** Milliseconds in which a process starts, reads its pictures and begins. */
const START = 2500;

const NETWORK = [
  {
    ...{ kind: 'Conv2D', name: 'conv', filters: 6, kernel: [3, 3], stride: [2, 2], dilation: [1, 1] },
    ...{ padding: 'same', bias: true, activation: 'relu' },
  },
  { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon: 1e-3, scale: true, centre: true },
  { kind: 'Dropout', name: 'dropout', rate: 0.2 },
  { kind: 'Flatten', name: 'flat' },
  { kind: 'Dense', name: 'dense', units: 8, bias: true, activation: 'linear' },
];

/** Settings with which a tiny network trains, a hundred epochs in a few seconds. @returns the file */
export async function writeSettings(file: string, epochs: number, data = FACES): Promise<string> {
  const settings = { imageSize: 20, batchSize: 4, limit: PICTURES, epochs, optimiser: 'adamw', averageDecay: 0.9, seed: 5, threads: 1 };
  await writeFile(file, JSON.stringify({ ...settings, data, network: NETWORK, model: 'tiny', checkpointEvery: 10 }));
  return file;
}

export async function soak({ folder, steps, kills, seed, tell = () => undefined }: SoakOptions): Promise<SoakResult> {
  await mkdir(folder, { recursive: true });
  const config = await writeSettings(join(folder, 'settings.json'), Math.ceil(steps / STEPS_PER_EPOCH));
  const start = (out: string): string[] => ['train', '--config', config, '--out', out, '--json'];
  const [calm, wild] = [join(folder, 'undisturbed'), join(folder, 'disturbed')];
  requireSuccess(await ageband(...start(calm)));
  tell(`${steps} steps without a disturbance are over`);

  const random = randomStream(seed, PURPOSE.sweep);
  const ends: string[] = [];
  const words = (): string[] => (existsSync(join(wild, 'config.json')) ? ['train', '--resume', '--out', wild, '--json'] : start(wild));
  while (ends.length < kills && !existsSync(join(wild, 'model.onnx'))) {
    const end = await oneLife(words(), ends.length % 2 === 0 ? 'SIGKILL' : 'SIGINT', (2 * steps) / kills, random);
    ends.push(end);
    tell(`${ends.length}: ${end}`);
  }
  if (!existsSync(join(wild, 'model.onnx'))) requireSuccess(await ageband(...words()));
  return { undisturbed: await trainedIn(calm), disturbed: await trainedIn(wild), ends };
}

/** One process, killed after some steps, or after some time, which may be before its first step. */
async function oneLife(words: readonly string[], signal: 'SIGKILL' | 'SIGINT', mostSteps: number, random: RandomStream): Promise<string> {
  const child = startAgeband(words);
  let steps = 0;
  const life = { isOver: false };
  child.stdout.on('data', (text: string) => (steps += text.split('"kind":"step"').length - 1));
  const ended = child.ended.then((end) => {
    life.isOver = true;
    return end;
  });
  const early = random.integer(3) === 0;
  const [wait, wanted] = [random.integer(early ? START : 60), random.integer(Math.ceil(mostSteps))];
  if (!early) while (steps < wanted && !life.isOver) await sleep(2);
  await Promise.race([sleep(wait), ended]);
  child.kill(signal);
  const { code, stderr } = await ended;
  // One that was killed says nothing; one that was interrupted ends in order, or by the signal before it listens.
  const isInOrder = code === null || code === 130 || code === 0;
  if (!isInOrder) throw new Error(`the process ended with code ${code}: ${stderr}`);
  return `${signal} after ${steps} steps${steps === 0 ? `, ${wait} ms after the start` : ''}`;
}

function requireSuccess({ code, stderr }: { code: number | null; stderr: string }): void {
  if (code !== 0 || stderr !== '') throw new Error(`the process ended with code ${code}: ${stderr}`);
}

/** What is to be the same whatever happened meanwhile. */
export async function trainedIn(run: string): Promise<Trained> {
  const tensors: Record<string, string> = {};
  for (const name of ['last', 'best']) {
    const checkpoint = await loadCheckpoint(join(run, 'checkpoints', `${name}.safetensors`));
    for (const [key, { data }] of checkpoint.tensors) tensors[`${name}/${key}`] = digest(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const lines = (await readFile(join(run, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
  return {
    tensors,
    model: digest(await readFile(join(run, 'model.onnx'))),
    history: lines.map((line) => {
      const { seconds: _seconds, images_per_second: _rate, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    }),
    files: (await readdir(run, { recursive: true })).filter((name) => !name.startsWith('tensorboard')).sort(),
  };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
