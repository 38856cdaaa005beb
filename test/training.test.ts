import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGE_BANDS } from '../src/data/bands.js';
import type { HostTensor } from '../src/base/tensor.js';
import { loadCheckpoint } from '../src/training/checkpoint.js';
import { ageband, FACES, startAgeband, type CliProcess } from './support/cli.js';
import { PORTRAIT } from './support/portrait.js';

/** A training of a few seconds: three epochs of six steps on some of the cartoon faces. */
const QUICK = [
  ...['--image-size', '40', '--limit', '96', '--batch-size', '8', '--epochs', '3'],
  ...['--optimiser', 'adamw', '--seed', '7'],
];

let folder: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-training-'));
  run = join(folder, 'run');
  const { code, stdout, stderr } = await ageband('train', FACES, '--out', run, ...QUICK, '--checkpoint-every', '2');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^Epoch 3\/3\n\d+\/\d+ - \d+s \d+ms\/step - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+$/m,
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** A line of `train --json` that tells of a step in the given epoch. */
const stepOf =
  (epoch: number) =>
  (line: string): boolean => {
    const event = JSON.parse(line) as { kind: string; epoch?: number };
    return event.kind === 'step' && event.epoch === epoch;
  };

function startTraining(out: string): CliProcess {
  return startAgeband(['train', FACES, '--out', out, ...QUICK, '--json']);
}

/** Every tensor of a run's last checkpoint: parameters, moving statistics and the optimiser's state. */
async function lastTensors(out: string): Promise<Map<string, HostTensor>> {
  return (await loadCheckpoint(join(out, 'checkpoints', 'last.safetensors'))).tensors;
}

describe('a run', () => {
  it('leaves everything that belongs to it', () => {
    const files = [
      ...['config.json', 'split.csv', 'history.csv', 'history.jsonl', 'model.onnx', 'curves.png', 'curves.svg'],
      ...['last', 'best', 'epoch-002'].map((name) => join('checkpoints', `${name}.safetensors`)),
    ];
    expect(files.filter((file) => !existsSync(join(run, file)))).toEqual([]);
  });

  it('holds a line per epoch in its history', async () => {
    const lines = (await readFile(join(run, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([1, 2, 3]);
  });

  it('is not overwritten', async () => {
    const { code, stderr } = await ageband('train', FACES, '--out', run, ...QUICK);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*holds a run already\nhint: .*--resume/);
  });
});

describe('ageband plot', () => {
  it('draws the curves again', async () => {
    await rm(join(run, 'curves.png'));
    const { code, stdout } = await ageband('plot', run);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').sort()).toEqual(['curves.png', 'curves.svg'].map((name) => join(run, name)));
    expect((await readFile(join(run, 'curves.png'))).subarray(1, 4).toString()).toBe('PNG');
    expect(await readFile(join(run, 'curves.svg'), 'utf8')).toMatch(/^<svg|^<\?xml/);
  });
});

describe('ageband evaluate', () => {
  it('prints the figures of a split', async () => {
    const { code, stdout } = await ageband('evaluate', run, FACES, '--split', 'test', '--no-near-duplicates', '--json');
    const evaluation = JSON.parse(stdout) as {
      split: string;
      pictures: number;
      loss: number;
      accuracy: number;
      oneOff: number;
      perClass: { support: number }[];
    };
    expect(code).toBe(0);
    expect(evaluation.split).toBe('test');
    expect(evaluation.loss).toBeGreaterThan(0);
    expect(evaluation.oneOff).toBeGreaterThanOrEqual(evaluation.accuracy);
    expect(evaluation.perClass).toHaveLength(AGE_BANDS.length);
    expect(evaluation.perClass.reduce((sum, { support }) => sum + support, 0)).toBe(evaluation.pictures);
  });

  it('prints tables for people', async () => {
    const { stdout } = await ageband('evaluate', run, FACES, '--split', 'valid', '--no-near-duplicates');
    expect(stdout).toMatch(/^valid: \d+ pictures\nloss +[\d.]+ .*\naccuracy +[\d.]+ .*\none-off accuracy +[\d.]+ .*\nbalanced accuracy +[\d.]+ .*\n/);
  });
});

describe('ageband predict', () => {
  it('tells the band of a picture with all probabilities', async () => {
    const { code, stdout, stderr } = await ageband('predict', PORTRAIT, '--model', run);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, ...bands] = stdout.trimEnd().split('\n');
    const [, band] = /^(.+), about \d+ years?, (?:but )?likely (?:any age|\d+(?: to \d+| or older)?)$/.exec(first!.replace(`${PORTRAIT}: `, ''))!;
    expect(AGE_BANDS).toContain(band);
    expect(bands.map((line) => line.trim().split(/\s+/)[0])).toEqual([...AGE_BANDS]);
  });

  it('prints one JSON array, and each failure stays with its picture', async () => {
    const broken = join(folder, 'broken.jpg');
    await writeFile(broken, 'not a picture');
    const pictures = [PORTRAIT, broken, join(FACES, '0-2')];
    const { code, stdout, stderr } = await ageband('predict', '--model', run, ...pictures, join(folder, '*.gif'), '--json');
    const results = JSON.parse(stdout) as (
      { file: string; probabilities: { probability: number }[] } | { file: string; error: string }
    )[];
    expect(code).toBe(2);
    expect(results).toHaveLength(1 + 1 + 24 + 1);
    expect(
      results
        .filter((result) => 'error' in result)
        .map(({ file }) => file)
        .sort(),
    ).toEqual([join(folder, '*.gif'), broken].sort());
    expect(stderr).toContain(broken);
    for (const result of results) {
      if ('error' in result) continue;
      expect(result.probabilities.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    }
  });
});

describe('ageband export', () => {
  it('writes a model that predicts as the run does', async () => {
    const file = join(folder, 'model.onnx');
    expect((await ageband('export', run, file)).code).toBe(0);
    const [ofRun, ofFile] = await Promise.all(
      [run, file].map((model) => ageband('predict', PORTRAIT, '--model', model, '--json')),
    );
    expect(ofFile?.code).toBe(0);
    expect(ofFile?.stdout).toBe(ofRun?.stdout);
  });
});

describe('ageband fine-tune', () => {
  it('starts from the weights of a run and keeps its options', async () => {
    const out = join(folder, 'tuned');
    const { code, stderr } = await ageband(
      'fine-tune',
      run,
      FACES,
      '--out',
      out,
      '--epochs',
      '1',
      '--learning-rate',
      '0.0001',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ imageSize: 40, batchSize: 8, optimiser: 'adamw', epochs: 1, learningRate: 0.0001 });
  });
});

describe('an interrupted run', () => {
  it('killed at any moment goes on to the same weights, bit for bit', async () => {
    const out = join(folder, 'killed');
    const first = startTraining(out);
    await first.lineThat(stepOf(2));
    first.kill('SIGKILL');
    await first.ended;
    const { code, stderr } = await ageband('train', '--resume', '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await lastTensors(out)).toEqual(await lastTensors(run));
  });

  // Windows cannot send Ctrl-C to one process alone.
  it.skipIf(process.platform === 'win32')('stopped by Ctrl-C writes a checkpoint and says how to go on', async () => {
    const out = join(folder, 'stopped');
    const first = startTraining(out);
    await first.lineThat(stepOf(2));
    first.kill('SIGINT');
    setTimeout(() => first.kill('SIGINT'), 30); // npx hands on what the terminal has sent already
    const { code, stdout, stderr } = await first.ended;
    expect(code).toBe(130);
    expect(stderr).toBe(`To go on: ageband train --resume --out ${out}\n`);
    expect(stdout).toContain('"reason":"stop"');
    expect((await ageband('train', '--resume', '--out', out)).code).toBe(0);
    expect(await lastTensors(out)).toEqual(await lastTensors(run));
  });
});
