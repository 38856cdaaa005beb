import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, QUICK, resume, sharedFolder, start, writePictures } from '../../test/support/training.js';
import type { Told } from '../../test/support/training.js';
import { ConfigError, DataError, FormatError, ShapeError } from '../base/errors.js';
import { loadCheckpoint } from './checkpoint.js';
import { DEFAULT_CONFIG } from './config.js';
import { readHistory } from './history.js';
import { RunFolder } from './run-folder.js';
import { fineTuneOptions } from './train.js';

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);

/** Twelve pictures, one of which is broken: two batches of four and one of three. */
let data: string;
/** Three pictures of a and one of b, and one of each to validate with. */
let few: string;
let told: Told;

beforeAll(async () => {
  data = out('data');
  await writePictures(data, ['a', 'b', 'c'], { train: [4, 4, 4], valid: [2, 1, 1], test: [1, 1, 1] });
  await writeFile(join(data, 'train', 'b', '2.png'), 'no picture');
  few = out('few');
  await writePictures(few, ['a', 'b'], { train: [3, 1], valid: [1, 1] });
  told = await start({ data, out: out('run'), checkpointEvery: 2 });
});

const configOf = async (run: string) => JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as unknown;

describe('a run', () => {
  it('leaves its files', async () => {
    expect((await readdir(out('run'))).toSorted()).toEqual(
      ['checkpoints', 'config.json', 'history.csv', 'history.jsonl', 'model.onnx', 'problems.csv', 'split.csv'].concat(
        'tensorboard',
      ),
    );
    const checkpoints = ['best', 'epoch-002', 'last'].map((name) => `${name}.safetensors`);
    expect((await readdir(join(out('run'), 'checkpoints'))).toSorted()).toEqual(checkpoints);
  });

  it('keeps all its settings', async () => {
    expect(await configOf(out('run'))).toEqual({
      ...DEFAULT_CONFIG,
      ...QUICK,
      ...{ data, classes: ['a', 'b', 'c'], checkpointEvery: 2 },
    });
  });

  it('records which picture stands in which split', async () => {
    const lines = (await readFile(join(out('run'), 'split.csv'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 12 + 4 + 3);
    expect(lines[0]).toBe('file,label,age,group,split');
    expect(lines).toContain(`${join(data, 'valid', 'a', '1.png')},a,,,valid`);
  });

  it('lists the pictures that were left out', async () => {
    const file = join(data, 'train', 'b', '2.png');
    expect(await readFile(join(out('run'), 'problems.csv'), 'utf8')).toMatch(`file,line,reason\n${file},,`);
    expect(told.of('start')[0]!.problems).toEqual([{ file, reason: expect.any(String) as string }]);
  });

  it('tells what it does, in order', () => {
    const kinds = told.events.map((event) => (event.kind === 'checkpoint' ? event.reason : event.kind));
    const steps = ['step', 'step', 'step'];
    expect(kinds.filter((kind) => kind !== 'loading' && kind !== 'best')).toEqual(
      ['start', 'start', ...steps, 'validation', 'epoch', 'last', ...steps, 'validation', 'epoch', 'epoch', 'last', 'end'],
    );
    expect(kinds).toContain('best');
    expect(told.of('loading').map(({ done, total }) => [done, total])).toEqual(
      Array.from({ length: 16 }, (_, index) => [index + 1, 16]),
    );
    expect(told.of('start')[0]).toMatchObject({
      ...{ parameters: 1_844_611, trainImages: 11, validImages: 4, epochs: 2, stepsPerEpoch: 3 },
    });
    expect('resumedAt' in told.of('start')[0]!).toBe(false);
  });

  it('takes the remainder of an epoch as a smaller batch', () => {
    const { step, steps, loss, accuracy } = told.of('step')[2]!;
    expect([step, steps]).toEqual([3, 3]);
    expect(accuracy * 11).toBeCloseTo(Math.round(accuracy * 11), 6);
    expect(told.of('epoch')[0]!.record).toMatchObject({ epoch: 1, step: 3, loss, accuracy });
  });

  it('writes the history as it tells it', async () => {
    const history = await readHistory(new RunFolder(out('run')));
    expect(history).toEqual(told.of('epoch').map(({ record }) => record));
    expect(history[1]).toMatchObject({ epoch: 2, step: 6, learning_rate: 0.05 / (1 + 1e-5 * 5) });
    expect(history[1]!.val_accuracy! * 4).toBeCloseTo(Math.round(history[1]!.val_accuracy! * 4), 6);
    expect(told.events.at(-1)).toMatchObject({ kind: 'end', reason: 'finished', run: out('run') });
  });

  it('gives the same weights from the same seed, and others from another', async () => {
    const settings = { data: few, epochs: 1 };
    await start({ ...settings, out: out('seed 7') });
    await start({ ...settings, out: out('seed 7 again') });
    await start({ ...settings, out: out('seed 8'), seed: 8 });
    expect(await digestsOf(out('seed 7 again'))).toEqual(await digestsOf(out('seed 7')));
    expect(await digestsOf(out('seed 8'))).not.toEqual(await digestsOf(out('seed 7')));
  });

  it('takes the pictures in another order in each epoch', async () => {
    const unequal = out('unequal');
    await writePictures(unequal, ['a', 'b'], { train: [9, 3] });
    // With class weights the loss of the first steps tells how many pictures of a and b a batch holds.
    const settings = { batchSize: 3, learningRate: 1e-12, classWeights: 'balanced' };
    const steps = (await start({ data: unequal, out: out('order'), ...settings })).of('step');
    const lossesOf = (wanted: number) => steps.filter(({ epoch }) => epoch === wanted).map(({ loss }) => loss.toFixed(1));
    expect(lossesOf(1)).not.toEqual(lossesOf(2));
    expect(lossesOf(1).at(-1)).toBe(lossesOf(2).at(-1));
  });

  it('needs no validation', async () => {
    const pictures = out('train only');
    await writePictures(pictures, ['a', 'b'], { train: [3, 1] });
    const without = await start({ data: pictures, out: out('no validation'), epochs: 1 });
    expect(without.of('start')[0]!.validImages).toBe(0);
    expect(without.of('epoch')[0]!.record).toMatchObject({ val_loss: null, val_accuracy: null });
    expect(without.events.at(-1)).toMatchObject({ reason: 'finished', best: { epoch: 1 } });
  });
});

// One step with a batch of three pictures of a and one of b. At first both classes are as likely, so the gradient by
// the last biases is 1/2 − (share of a) and 1/2 − (share of b), with the weights of the classes: ∓ 1/4.
describe('the settings of a run reach its steps:', () => {
  it.each([
    ['sgd', {}, 1 / 4],
    ['learning rate', { learningRate: 0.5 }, 1 / 8],
    ['warm-up', { warmup: 4 }, 1 / 16],
    ['label smoothing', { labelSmoothing: 0.5 }, 1 / 8],
    ['class weights', { classWeights: 'balanced' }, 0],
    ['clipping', { clipNorm: 0.01 * Math.SQRT2 }, 0.01],
    ['adamw', { optimiser: 'adamw', learningRate: 0.1 }, 0.1],
    ['schedule', { schedule: 'step', stepSize: 1, stepFactor: 0, epochs: 2 }, 1 / 4],
  ])('%s', async (name, settings, bias) => {
    const run = out(`one step: ${name}`);
    await start({ data: few, out: run, epochs: 1, learningRate: 1, momentum: 0, ...settings });
    const { tensors } = await loadCheckpoint(new RunFolder(run).checkpointFile('last'));
    const [ofA, ofB] = tensors.get('dense3.bias')!.data as Float32Array;
    expect(ofA).toBeCloseTo(bias, 2);
    expect(ofB).toBeCloseTo(-bias, 2);
  });

  it('model and picture size', async () => {
    const run = out('levi');
    await start({ data: few, out: run, model: 'levi-hassner', imageSize: 63, epochs: 1, learningRate: 0.1, momentum: 0 });
    const { tensors } = await loadCheckpoint(new RunFolder(run).checkpointFile('last'));
    expect(tensors.get('dense2.kernel')!.shape).toEqual([512, 512]);
    const [ofA, ofB] = tensors.get('dense3.bias')!.data as Float32Array;
    expect(ofA).toBeGreaterThan(0.01);
    expect(ofA! + ofB!).toBeCloseTo(0, 5);
  });
});

describe('a run that fails before its first step', () => {
  let broken: string;
  let lost: string;
  beforeAll(async () => {
    broken = out('broken');
    await writePictures(broken, ['a', 'b'], { train: [3, 3], valid: [1, 1] });
    for (const label of ['a', 'b']) await writeFile(join(broken, 'valid', label, '0.png'), 'no picture');
    for (const index of [0, 1]) await writeFile(join(broken, 'train', 'b', `${index}.png`), 'no picture');
    lost = out('lost');
    await writePictures(lost, ['a', 'b'], { train: [5, 1] });
    await writeFile(join(lost, 'train/b/0.png'), 'no picture');
  });

  it.each([
    ['settings that do not exist', () => ({ learning_rate: 1 }), ConfigError, /learning_rate/],
    ['a model that does not exist', () => ({ model: 'vgg' }), ConfigError, /no model "vgg"/],
    ['data that do not exist', () => ({ data: out('nowhere') }), DataError, /nowhere: no such folder/],
    ['a batch larger than the set', () => ({ batchSize: 50 }), DataError, /a batch of 50 .* 12 pictures/],
    ['too few readable pictures', () => ({ data: broken, batchSize: 5 }), DataError, /only 4 training pictures can be read/],
    ['no readable picture of a class', () => ({ data: lost }), DataError, /none of the 1 training pictures of b can be read; .*lost/],
    [
      'no readable picture to validate with',
      () => ({ data: broken, batchSize: 2 }),
      DataError,
      /none of the 2 pictures can be read; .*valid/,
    ],
    ['pictures too small for the network', () => ({ imageSize: 20 }), ShapeError, /pool2\/MaxPool: /],
    ['no run to start from', () => ({ from: out('nowhere') }), ConfigError, /nowhere: there is no such folder/],
    ['a run to start from that has another network', () => ({ from: out('run'), imageSize: 49 }), FormatError, /dense1/],
  ])('for %s says so, and its folder can be used again', async (name, settings, kind, message) => {
    const run = out(`failed: ${name}`);
    const training = start({ data, out: run, ...settings() });
    await expect(training).rejects.toThrow(kind);
    await expect(training).rejects.toThrow(message);
    expect(await readdir(run).catch(() => [])).toEqual([]);
  });

  it('can be started again in the same folder', async () => {
    const run = out('second try');
    await expect(start({ data: broken, out: run })).rejects.toThrow(DataError);
    const second = await start({ data: few, out: run, epochs: 1 });
    expect(second.events.at(-1)).toMatchObject({ reason: 'finished' });
    expect(await configOf(run)).toMatchObject({ data: few });
  });

  it('does not touch another run', async () => {
    const before = await digestsOf(out('run'));
    await expect(start({ data: few, out: out('run') })).rejects.toThrow(/holds a run already/);
    expect(await digestsOf(out('run'))).toEqual(before);
  });
});

describe('a run cannot be resumed', () => {
  it('when there is none', async () => {
    await expect(resume(out('nowhere'))).rejects.toThrow(ConfigError);
  });

  it('with other settings than it was started with', async () => {
    const run = out('changed');
    await start({ data: few, out: run, epochs: 1 });
    await writeFile(join(run, 'config.json'), JSON.stringify({ ...((await configOf(run)) as object), epochs: 5 }));
    await expect(resume(run)).rejects.toThrow(FormatError);
    await expect(resume(run)).rejects.toThrow(/last\.safetensors: belongs to other settings than those in .*config\.json/);
  });
});

describe('fine-tuning', () => {
  it('starts from the best weights with the settings and classes of the run', async () => {
    const other = out('other');
    await writePictures(other, ['a', 'c'], [5, 5]);
    const run = out('tuned');
    const options = await fineTuneOptions({ from: out('run'), data: other, out: run, learningRate: 0.01, limit: 8 });
    await start(options, (event, stop) => {
      if (event.kind === 'loading') stop();
    });
    expect(await configOf(run)).toEqual({
      ...((await configOf(out('run'))) as object),
      ...{ from: out('run'), data: other, learningRate: 0.01, limit: 8 },
    });
    const parametersOf = (digests: Record<string, string>) =>
      Object.fromEntries(Object.entries(digests).filter(([name]) => !name.includes('/')));
    expect(parametersOf(await digestsOf(run))).toEqual(parametersOf(await digestsOf(out('run'), 'best')));
    const { tensors } = await loadCheckpoint(new RunFolder(run).checkpointFile('last'));
    expect((tensors.get('dense1.kernel/momentum')!.data as Float32Array).every((value) => value === 0)).toBe(true);
  });

  it('refuses pictures of classes that the run does not know', async () => {
    const strange = out('strange');
    await writePictures(strange, ['a', 'z'], [5, 5]);
    const options = await fineTuneOptions({ from: out('run'), data: strange, out: out('tuned strangely') });
    await expect(start(options)).rejects.toThrow(DataError);
    await expect(start(options)).rejects.toThrow(/"z" is not one of the classes a, b, c/);
  });

  it('refuses other classes than those of the run', async () => {
    const settings = { from: out('run'), data: few, out: out('tuned to others'), classes: ['a', 'b'] };
    const options = await fineTuneOptions(settings);
    await expect(start(options)).rejects.toThrow(ConfigError);
    await expect(start(options)).rejects.toThrow(`${out('run')}: its classes are a, b, c, not a, b`);
  });

  it('is resumed without the run that it came from', async () => {
    const [from, run] = [out('from'), out('tuned from it')];
    await start({ data: few, out: from, epochs: 1 });
    await start({ data: few, out: run, from, epochs: 1 }, (event, stop) => {
      if (event.kind === 'loading') stop();
    });
    await rm(from, { recursive: true });
    expect((await resume(run)).events.at(-1)).toMatchObject({ kind: 'end', reason: 'finished' });
  });
});
