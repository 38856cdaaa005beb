import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageband, FACES, startAgeband } from './support/cli.js';
import { PORTRAIT } from './support/portrait.js';
import { WEBGPU_ENVIRONMENT, WEBGPU_PROBLEM } from './support/webgpu.js';

/** A network and a training that take SwiftShader a few seconds. */
const SETTINGS = {
  ...{ model: 'small', imageSize: 16, batchSize: 4, epochs: 1, limit: 24, seed: 7, workers: 0, learningRate: 0.01 },
  network: [
    {
      ...{ kind: 'Conv2D', name: 'conv', filters: 4, kernel: [3, 3], stride: [1, 1], dilation: [1, 1] },
      ...{ padding: 'valid', bias: true, activation: 'relu' },
    },
    { kind: 'MaxPooling2D', name: 'pool', size: [3, 3], stride: [2, 2], padding: 'valid' },
    { kind: 'Flatten', name: 'flatten' },
    { kind: 'Dense', name: 'dense', units: 8, bias: true, activation: 'linear' },
  ],
};

let folder: string;
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-device-'));
  await writeFile(inFolder('small.json'), JSON.stringify(SETTINGS));
});
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(WEBGPU_PROBLEM !== undefined)(`on WebGPU${WEBGPU_PROBLEM === undefined ? '' : ` (skipped: ${WEBGPU_PROBLEM})`}`, () => {
  const onWebGpu = async (...words: string[]) => await startAgeband(words, folder, WEBGPU_ENVIRONMENT).ended;
  const json = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(inFolder(name), 'utf8')) as Record<string, unknown>;

  beforeAll(async () => {
    const { code, stdout, stderr } = await onWebGpu('train', FACES, '--config', 'small.json', '--out', 'run', '--device', 'webgpu');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('\nComputed on webgpu\n');
  });

  it('a run is trained, and says where', async () => {
    expect((await json('run/config.json'))['device']).toBe('webgpu');
    expect((await json('run/environment.json'))['device']).toBe('webgpu');
  });

  it('comes close to the same run on the processor', async () => {
    const { code } = await ageband('train', FACES, '--config', inFolder('small.json'), '--out', inFolder('here'));
    expect(code).toBe(0);
    const [there, here] = await Promise.all(['run', 'here'].map((name) => json(`${name}/history.jsonl`)));
    expect(there!['loss']).toBeCloseTo(here!['loss'] as number, 4);
    expect(there!['val_loss']).toBeCloseTo(here!['val_loss'] as number, 4);
  });

  it.each([
    ['evaluate', 'run', '--json'],
    ['predict', PORTRAIT, '--model', 'run', '--json'],
    ['explain', PORTRAIT, '--model', 'run', '--json'],
  ])('%s gives the figures of the processor', async (...words) => {
    const [there, here] = await Promise.all(['webgpu', 'cpu'].map((device) => onWebGpu(...words, '--device', device)));
    expect([there!.code, here!.code], there!.stderr + here!.stderr).toEqual([0, 0]);
    const numbers = (text: string): number[] => [...text.matchAll(/-?\d+\.\d+(?:e-?\d+)?/g)].map(Number);
    const expected = numbers(here!.stdout);
    expect(expected.length).toBeGreaterThan(5);
    expect(numbers(there!.stdout)).toHaveLength(expected.length);
    numbers(there!.stdout).forEach((number, index) => expect(number).toBeCloseTo(expected[index]!, 4));
  });

  it('many pictures are classified by one thread, and more are refused', async () => {
    const words = ['predict', join(FACES, '0-2'), '--model', 'run', '--device', 'webgpu'];
    const done = await onWebGpu(...words, '--out', 'ages', '--json');
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ finished: true, unreadable: 0 });
    const refused = await onWebGpu(...words, '--out', 'more', '--threads', '2');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('a single thread can compute on webgpu, got 2') as string });
  });

  // The driver imitates a graphics card, much slower than the processor on which it does so.
  it.runIf('VK_DRIVER_FILES' in WEBGPU_ENVIRONMENT)('auto does not take what is slower than the processor, and says what it took', async () => {
    const { code, stderr } = await onWebGpu('predict', PORTRAIT, '--model', 'run', '--device', 'auto');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Computed on cpu\n' });
  });
});

describe('a device that cannot be used', () => {
  const train = async (device: string, environment = {}) => {
    const words = ['train', FACES, '--config', 'small.json', '--out', `on-${device}`, '--device', device];
    return await startAgeband(words, folder, environment).ended;
  };

  it('is named with the reason, and with what to do, before anything is written', async () => {
    const { code, stdout, stderr } = await train(process.platform === 'darwin' ? 'dml' : 'coreml');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: the device \w+ cannot be used: ONNX Runtime has no such device for \w+ on \w+\nhint: .* alone\. Use /);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')('for want of its libraries or driver', async () => {
    const cuda = await train('cuda');
    expect(cuda.stderr).toMatch(/^error: the device cuda cannot be used: .*libonnxruntime_providers_cuda\.so is missing\nhint: .*--onnxruntime-node-install/);
    const webgpu = await train('webgpu', { VK_DRIVER_FILES: inFolder('none.json'), XDG_RUNTIME_DIR: folder });
    expect(webgpu.code).toBe(1);
    expect(webgpu.stderr).toMatch(/error: the device webgpu cannot be used: .*adapter.*\nhint: It needs a graphics card with its driver/);
  });
});
