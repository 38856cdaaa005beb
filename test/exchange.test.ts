/** Networks from and for other programs, through the built command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as KerasReading from '../src/formats/keras/read.node.js';
import type * as Errors from '../src/base/errors.js';
import type * as Importing from '../src/training/import-run.js';
import { writeHdf5 } from '../src/formats/hdf5.js';
import { ARCHIVE_NAMES } from '../src/formats/keras/arrays.js';
import { weightLayouts } from '../src/formats/keras/weights.js';
import { unzip, zip } from '../src/formats/zip.js';
import { getModel } from '../src/models/registry.js';
import { Session } from '../src/runtime/session.node.js';
import { floatTensor, sizeOf } from '../src/base/tensor.js';
import { loadCheckpoint } from '../src/training/checkpoint.js';
import { ageband, FACES } from './support/cli.js';
import { PORTRAIT } from './support/portrait.js';
import type { KerasAnswer } from './support/reference.js';
import { greatestDifference, kerasPictures, referenceBytes, referencePath } from './support/reference.js';
import { sharedFolder } from './support/training.js';

// Worker threads run the built files only, which exist only after the sources were checked: hence no static import.
const built = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href;
const { readKerasSafely } = (await import(built('formats/keras/read.node.js'))) as typeof KerasReading;
const { FormatError } = (await import(built('base/errors.js'))) as typeof Errors;
const { importModel } = (await import(built('training/import-run.js'))) as typeof Importing;

const folder = sharedFolder();
const inFolder = (name: string): string => join(folder.path, name);

interface Predicted {
  readonly band: string;
  readonly probabilities: readonly { readonly probability: number }[];
}

async function predicted(model: string): Promise<Predicted> {
  const { code, stdout, stderr } = await ageband('predict', PORTRAIT, '--model', model, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as Predicted[])[0]!;
}

/** What import says of a file that it refuses; in this process, which saves starting one for each file. */
async function refusal(file: string, options: Parameters<typeof importModel>[2] = {}, out = inFolder('none')): Promise<string> {
  const error = await importModel(file, out, options).then(() => undefined, (reason: unknown) => reason as Error & { hint?: string });
  return `${error?.message ?? 'taken'}\nhint: ${error?.hint ?? ''}`;
}

/** What `model.onnx` answers to the pictures of keras_files.py. */
async function answersOf(file: string, count: number, side: number): Promise<Float32Array> {
  const session = await Session.create(new Uint8Array(readFileSync(file)));
  const images = floatTensor(kerasPictures(count, side), [count, 3, side, side]);
  const { probabilities } = await session.run({ images });
  await session.dispose();
  return probabilities!.data as Float32Array;
}

describe('ageband import', () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await ageband('import', referencePath('keras-base.h5'), '--out', inFolder('base'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Model: "sequential_1"');
    expect(stdout).toContain('Pictures: 37×37 pixels. Classes: 0-2, 4-6, 8-13, 15-20, 25-32, 38-43, 48-53, 60+.\n');
  });

  it('makes a run whose model answers as in Keras', async () => {
    const { 'keras-base.h5': answer } = JSON.parse(new TextDecoder().decode(referenceBytes('keras-files.json'))) as Record<string, KerasAnswer>;
    const answers = await answersOf(inFolder('base/model.onnx'), 2, 37);
    expect(greatestDifference(answers, answer!.probabilities)).toBeLessThan(1e-5);
    expect((await predicted(inFolder('base'))).probabilities).toHaveLength(8);
  });

  it.each(['h5', 'keras', 'safetensors', 'onnx'])('takes back what export writes as .%s', async (ending) => {
    const file = inFolder(`again.${ending}`);
    expect((await ageband('export', inFolder('base'), file)).stdout).toBe(`${file}\n`);
    const { code, stdout } = await ageband('import', file, '--out', inFolder(`again-${ending}`), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'sequential_1', imageSize: 37, notes: [] });
    const [answers, expected] = [await answersOf(inFolder(`again-${ending}/model.onnx`), 2, 37), await answersOf(inFolder('base/model.onnx'), 2, 37)];
    expect(greatestDifference(answers, [[...expected]])).toBeLessThan(ending === 'onnx' ? 1e-5 : 1e-12);
  });

  it('makes a run that can be evaluated and trained further', async () => {
    const evaluated = await ageband('evaluate', inFolder('base'), FACES, '--json');
    expect(evaluated.stderr).not.toContain('error');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ split: 'test' });
    const options = ['--epochs', '1', '--limit', '120', '--batch-size', '20', '--learning-rate', '0.001'];
    const tuned = await ageband('fine-tune', inFolder('base'), FACES, '--out', inFolder('tuned'), ...options);
    expect({ code: tuned.code, stderr: tuned.stderr }).toEqual({ code: 0, stderr: '' });
    const config = JSON.parse(readFileSync(inFolder('tuned/config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ model: 'sequential_1', decay: 1e-5, from: inFolder('base') });
    expect(config).not.toHaveProperty('imported');
    expect((await predicted(inFolder('tuned'))).probabilities).toHaveLength(8);
  });

  it('says why an imported run does not go on by itself', async () => {
    const { code, stderr } = await ageband('train', '--resume', '--out', inFolder('base'));
    expect(code).toBe(1);
    expect(stderr).toContain('its network was imported from');
    expect(stderr).toContain('ageband fine-tune');
  });

  it('takes weights alone for a registered network, and says when they are not its', async () => {
    const weights = referencePath('keras-pretrained-weights.h5');
    expect(await refusal(weights)).toContain('hint: Name the network with --model, its --image-size and its --classes.');
    expect(await refusal(weights, { model: 'baseline', imageSize: 37 })).toContain(
      'layer "conv1" (Conv2D): conv1.kernel has shape [7, 7, 3, 3] in "conv2d_1", the network needs [7, 7, 3, 96]',
    );
    expect(readdirSync(folder.path)).not.toContain('none');
  });

  it('takes weights alone of Keras 3 for a registered network, layer after layer of each class', async () => {
    const layers = weightLayouts(getModel('baseline'), { imageSize: 37, classes: 8 });
    const counts = new Map<string, number>();
    const datasets = layers.flatMap(({ kind, weights }, index) => {
      const [word, count] = [ARCHIVE_NAMES[kind]!, counts.get(kind) ?? 0];
      counts.set(kind, count + 1);
      return weights.map(({ kerasShape }, place) => ({
        path: `layers/${word}${count === 0 ? '' : `_${count}`}/vars/${place}`,
        tensor: floatTensor(new Float32Array(sizeOf(kerasShape)).fill(index + place / 8), kerasShape),
      }));
    });
    writeFileSync(inFolder('numbered.weights.h5'), await writeHdf5({ groups: [], datasets }));
    const options = ['--model', 'baseline', '--image-size', '37', '--out', inFolder('numbered'), '--json'];
    const { code, stdout, stderr } = await ageband('import', inFolder('numbered.weights.h5'), ...options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'baseline', imageSize: 37, optimiserState: false, notes: [] });
    const { tensors } = await loadCheckpoint(inFolder('numbered/checkpoints/best.safetensors'));
    for (const [index, { weights }] of layers.entries()) {
      for (const [place, { name, shape }] of weights.entries()) {
        expect(tensors.get(name)!.shape, name).toEqual(shape);
        expect(tensors.get(name)!.data[0], name).toBe(index + place / 8);
      }
    }
  });

  it('needs names for classes that are not the eight bands', async () => {
    const varied = referencePath('keras-varied.keras');
    expect(await refusal(varied)).toContain('does not name its 4 classes');
    expect(await refusal(varied, { classes: ['a', 'b'] })).toContain('tells 4 classes apart, not 2');
    const { code, stdout } = await ageband('import', varied, '--out', inFolder('varied'), '--classes', 'a,b,c,d');
    expect(code).toBe(0);
    expect(stdout).toContain("The optimiser's state came with the weights.");
  });

  it('says what it cannot take', async () => {
    writeFileSync(inFolder('text.h5'), 'no HDF5');
    const { code, stderr } = await ageband('import', inFolder('text.h5'), '--out', inFolder('none'));
    expect(code).toBe(1);
    expect(stderr).toContain('text.h5: is neither HDF5 nor a zip archive, as files of Keras are');
    expect(await refusal(referencePath('torch-tensors.pth'))).toMatch(/is a file of PyTorch, which does not say of what network .*\nhint: `ageband train --weights`/);
    expect(await refusal(inFolder('nowhere.h5'))).toContain('nowhere.h5: there is no such file');
    expect(await refusal(referencePath('keras-base.h5'), {}, inFolder('base'))).toContain('holds a run already');
    expect(readdirSync(folder.path)).not.toContain('none');
  });
});

describe('ageband export', () => {
  it('wants to know the format', async () => {
    const { code, stderr } = await ageband('export', inFolder('base'), inFolder('model.pb'));
    expect(code).toBe(1);
    expect(stderr).toContain('hint: Let it end in .onnx, .keras, .h5, .safetensors, or say --format.');
    expect((await ageband('export', inFolder('base'), inFolder('model.pb'), '--format', 'onnx')).code).toBe(0);
    expect(readFileSync(inFolder('model.pb')).equals(readFileSync(inFolder('base/model.onnx')))).toBe(true);
  });
});

/** Reading may succeed, for instance when a weight alone has changed; otherwise the error is a FormatError. */
async function survives(bytes: Uint8Array): Promise<void> {
  try {
    await readKerasSafely(bytes, 'damaged', {}, 4);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
}

/** Changes of bytes, half of them near the start, where most of the structure is; or a cut. */
const damage = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
);

function damaged(bytes: Uint8Array, how: number | (readonly [place: number, early: boolean, value: number])[]): Uint8Array {
  if (typeof how === 'number') return bytes.slice(0, Math.floor(how * bytes.length));
  const copy = bytes.slice();
  for (const [place, early, value] of how) copy[Math.floor(place * (early ? Math.min(4000, copy.length) : copy.length - 1))] = value;
  return copy;
}

describe('a damaged file', () => {
  it.each([['keras-varied.h5', 30], ['keras-varied.keras', 30]])('%s gives an error and nothing worse', async (file, runs) => {
    const bytes = referenceBytes(file);
    await fc.assert(fc.asyncProperty(damage, (how) => survives(damaged(bytes, how))), { numRuns: runs, seed: 1, endOnFailure: true });
  });

  it('gives an error too when its weights are what is damaged in a sound archive', async () => {
    const members = ['config.json', 'metadata.json', 'model.weights.h5'] as const;
    const files = unzip(referenceBytes('keras-varied.keras'), members, 'x');
    const attempt = fc.asyncProperty(damage, (how) =>
      survives(zip({ ...files, 'model.weights.h5': damaged(files['model.weights.h5'], how) })),
    );
    await fc.assert(attempt, { numRuns: 25, seed: 2, endOnFailure: true });
  });

  it('that keeps the reader busy for ever is given up', async () => {
    await expect(readKerasSafely(referenceBytes('keras-base.h5'), 'slow.h5', {}, 0.001)).rejects.toThrow(
      /^slow\.h5: is damaged: it could not be read within 0 seconds$/,
    );
  });
});

const python = '/usr/bin/python3';
const hasReference = spawnSync(python, ['-c', 'import h5py, torch'], { stdio: 'ignore' }).status === 0;

// Whole networks, made where Debian's python3-h5py and python3-torch are, at a size that leaves 3 × 3 cells to flatten.
describe.skipIf(!hasReference)("the report's networks", () => {
  it('load and answer as in Keras', async () => {
    execFileSync(python, [referencePath('keras_files.py'), folder.path, '67']);
    const answers = JSON.parse(readFileSync(inFolder('full.json'), 'utf8')) as Record<string, KerasAnswer>;
    expect(Object.keys(answers)).toHaveLength(2);
    for (const [file, { side, probabilities }] of Object.entries(answers)) {
      const { code, stderr } = await ageband('import', inFolder(file), '--out', inFolder('full'));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(greatestDifference(await answersOf(inFolder('full/model.onnx'), 1, side), probabilities)).toBeLessThan(1e-5);
      rmSync(inFolder('full'), { recursive: true });
      rmSync(inFolder(file));
    }
  });
});
