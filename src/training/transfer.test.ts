import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallNetwork } from '../../test/support/shared-run.js';
import type { Watcher } from '../../test/support/training.js';
import { digestsOf, resume, sharedFolder, start as startRun, writePictures } from '../../test/support/training.js';
import type { HostTensor } from '../base/tensor.js';
import { ConfigError } from '../base/errors.js';
import type { LayerDescription } from '../nn/description.js';
import { layerOfParameter } from '../nn/network.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { readHistory } from './history.js';
import { readConfig, RunFolder, writeConfig } from './run-folder.js';
import { fineTuneOptions } from './train.js';

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);
/** Eleven pictures to train on, in two batches of four and one of three, and three to validate with. */
let data: string;

beforeAll(async () => {
  data = out('data');
  await writePictures(data, ['a', 'b', 'c'], { train: [4, 4, 3], valid: [1, 1, 1] });
});

const BACKBONE = ['conv1', 'norm1'];
const TWO_STAGES = { epochs: 4, freeze: 'backbone', unfreezeAt: 3, augment: false } as const;
const BACKBONE_PARAMETERS = 6 * 3 * 9 + 6 + 2 * 6;
const STATISTICS = 2 * 6;
/** Of pictures of 37 × 37 pixels 6 × 6 × 6 features are left. */
const HEAD_PARAMETERS = 216 * 16 + 16 + 16 * 3 + 3;

/** A small network with dropout in its head. */
function networkFor(classes: number): LayerDescription[] {
  const dense = (name: string, units: number, activation: 'relu' | 'linear') =>
    ({ kind: 'Dense', name, units, bias: true, activation }) as const;
  return [
    ...smallNetwork(classes).slice(0, -1),
    dense('dense1', 16, 'relu'),
    { kind: 'Dropout', name: 'dropout1', rate: 0.5 },
    dense('dense2', classes, 'linear'),
  ];
}

const start = (settings: Parameters<typeof startRun>[0], watch?: Watcher, until?: number) =>
  startRun({ network: networkFor(3), ...settings }, watch, until);

async function tensorsOf(run: string, which: 'last' | number = 'last'): Promise<Map<string, HostTensor>> {
  return (await loadCheckpoint(new RunFolder(out(run)).checkpointFile(which))).tensors;
}

const ofLayers = (tensors: ReadonlyMap<string, HostTensor>, layers: readonly string[]) =>
  new Map([...tensors].filter(([name]) => layers.includes(layerOfParameter(name)) && !name.includes('/')));

/** The history without the columns that tell of time. */
async function historyOf(run: string) {
  const history = await readHistory(new RunFolder(out(run)));
  return history.map(({ seconds: _seconds, images_per_second: _rate, ...record }) => record);
}

const leftOver = async (run: string): Promise<string[]> => (await readdir(out(run))).filter((name) => name.endsWith('.tmp'));

describe('freezing and unfreezing', () => {
  beforeAll(async () => {
    await start({ ...TWO_STAGES, data, out: out('whole'), checkpointEvery: 1 });
  });

  it('leaves frozen weights and statistics as they are, until all are trained', async () => {
    await start({ data, out: out('fresh') }, (event, stop) => {
      if (event.kind === 'checkpoint') stop();
    });
    const first = ofLayers(await tensorsOf('fresh'), BACKBONE);
    const frozen = ofLayers(await tensorsOf('whole', 2), BACKBONE);
    expect(frozen).toEqual(first);
    expect(frozen.size).toBe(6);
    const unfrozen = ofLayers(await tensorsOf('whole', 3), BACKBONE);
    for (const name of frozen.keys()) expect(unfrozen.get(name), name).not.toEqual(frozen.get(name));
    expect(ofLayers(await tensorsOf('whole', 2), ['dense1'])).not.toEqual(ofLayers(await tensorsOf('whole', 1), ['dense1']));
  });

  it('keeps a state of the optimiser for what is trained alone', async () => {
    const slots = async (epoch: number) => new Set([...(await tensorsOf('whole', epoch)).keys()].filter((name) => name.includes('/')).map(layerOfParameter));
    expect(await slots(2)).toEqual(new Set(['dense1', 'dense2']));
    expect(await slots(3)).toEqual(new Set([...BACKBONE, 'dense1', 'dense2']));
  });

  it('tells how many parameters are trained, and lists them in the history', async () => {
    const told = await start({ ...TWO_STAGES, data, out: out('told'), epochs: 3 });
    expect(told.of('start')[0]).toMatchObject({
      ...{ parameters: HEAD_PARAMETERS + BACKBONE_PARAMETERS + STATISTICS, trainable: HEAD_PARAMETERS },
    });
    const all = HEAD_PARAMETERS + BACKBONE_PARAMETERS;
    expect((await historyOf('told')).map((record) => record.trainable_parameters)).toEqual([HEAD_PARAMETERS, HEAD_PARAMETERS, all]);
    const lines = (await readFile(join(out('told'), 'history.csv'), 'utf8')).split('\n');
    expect(lines[0]).toMatch(/,trainable_parameters$/);
    expect(lines[3]).toMatch(new RegExp(`,${all}$`));
  });

  it.each([
    ['before the epoch', 2, 1],
    ['between two epochs, before it', 2, undefined],
    ['in the epoch', 3, 1],
    ['after it', 4, 2],
  ])('goes on to the same weights and history when it is interrupted %s', async (name, epoch, step) => {
    const run = `stopped ${name}`;
    const isThere = (event: { kind: string; epoch?: number; step?: number }): boolean =>
      step === undefined ? false : event.kind === 'step' && event.epoch === epoch && event.step === step;
    const told = await start(
      { ...TWO_STAGES, data, out: out(run), checkpointEvery: 1 },
      (event, stop) => {
        if (isThere(event)) stop();
      },
      step === undefined ? epoch : undefined,
    );
    expect(told.events.at(-1)).toMatchObject({ kind: 'end', reason: step === undefined ? 'paused' : 'interrupted' });
    expect(await leftOver(run)).toEqual([]);
    await resume(out(run));
    expect(await digestsOf(out(run))).toEqual(await digestsOf(out('whole')));
    expect(await historyOf(run)).toEqual(await historyOf('whole'));
  });

  it('goes on when it was interrupted while features were computed', async () => {
    const told = await start({ ...TWO_STAGES, data, out: out('early stop') }, (event, stop) => {
      if (event.kind === 'features') stop();
    });
    expect(told.of('step')).toEqual([]);
    expect(told.events.at(-1)).toMatchObject({ kind: 'end', reason: 'interrupted' });
    expect(await leftOver('early stop')).toEqual([]);
    await resume(out('early stop'));
    expect(await digestsOf(out('early stop'))).toEqual(await digestsOf(out('whole')));
  });

  it('multiplies the learning rate from that epoch on', async () => {
    await start({ ...TWO_STAGES, data, out: out('lower'), unfreezeFactor: 0.1, schedule: 'constant' });
    expect((await historyOf('lower')).map((record) => record.learning_rate)).toEqual([0.05, 0.05, 0.05 * 0.1, 0.05 * 0.1]);
  });

  it('has the rates of layers', async () => {
    const settings = { data, epochs: 1, learningRate: 1e-4, momentum: 0, schedule: 'constant', batchSize: 11, augment: false };
    await start({ ...settings, out: out('start'), learningRate: 1e-30 });
    await start({ ...settings, out: out('one rate') });
    await start({ ...settings, out: out('two rates'), rates: 'dense*=1,dense2=4' });
    const [before, plain, scaled] = await Promise.all(['start', 'one rate', 'two rates'].map((run) => tensorsOf(run)));
    const changeOf = (tensors: Map<string, HostTensor>, name: string): number[] =>
      Array.from(tensors.get(name)!.data as Float32Array, (value, index) => value - (before!.get(name)!.data as Float32Array)[index]!);
    for (const [name, factor] of [['dense2.bias', 4], ['dense1.bias', 1]] as const) {
      const expected = changeOf(plain!, name);
      expect(Math.max(...expected.map(Math.abs)), name).toBeGreaterThan(1e-9);
      changeOf(scaled!, name).forEach((change, index) => expect(change, name).toBeCloseTo(factor * expected[index]!, 9));
    }
  });

  it('waits with early stopping until all layers are trained', async () => {
    const contrary = out('contrary');
    await writePictures(contrary, ['a', 'b'], { train: [3, 1], valid: [1, 3] });
    // At this rate no loss changes, for there are no statistics either: of equal epochs the first is the best.
    const network = networkFor(2).filter(({ kind }) => kind !== 'BatchNormalization');
    const settings = { data: contrary, network, epochs: 9, learningRate: 1e-12, earlyStopping: 2 };
    const told = await start({ ...TWO_STAGES, ...settings, out: out('patient'), unfreezeAt: 5 });
    expect(told.of('epoch').map(({ record }) => record.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told.of('end')[0]!.best!.epoch).toBe(1);
  });

  it('refuses layers that do not exist, before pictures are read, and leaves the folder free', async () => {
    await expect(start({ data, out: out('wrong'), freeze: 'conv7' })).rejects.toThrow(ConfigError);
    await expect(start({ data, out: out('wrong'), freeze: '*' })).rejects.toThrow(/^freeze: no layer is left to train/);
    await expect(start({ data, out: out('wrong'), rates: 'conv7=2' })).rejects.toThrow(/^rates: "conv7" is no layer/);
    expect(existsSync(out('wrong'))).toBe(false);
  });
});

it('says which of the given bands no picture teaches, and learns the others', async () => {
  const bands = out('few bands');
  await writePictures(bands, ['0-2', '4-6', '8-13'], { train: [3, 3, 3], valid: [1, 1, 1] });
  const told = await start({ data: bands, out: out('told bands'), network: networkFor(4), bands: '0-3,4-9,10-20,21+', epochs: 1 });
  const [begun] = told.of('start');
  expect(begun!.notes).toEqual(['No training picture is of the bands 10-20, 21+.']);
  expect(begun).toMatchObject({ trainImages: 6, validImages: 2 });
  expect(begun!.problems.map(({ file }) => file)).toEqual(['train', 'valid'].map((split) => join(bands, split, '8-13')));
});

describe('features that are kept', () => {
  it('give what is computed at every step', async () => {
    const settings = { data, epochs: 3, freeze: 'backbone', augment: false, learningRate: 0.01 };
    const kept = await start({ ...settings, out: out('kept') });
    const computed = await start({ ...settings, out: out('computed'), featureCache: false });
    expect(kept.of('features').map(({ done, total }) => [done, total]).at(-1)).toEqual([14, 14]);
    expect(computed.of('features')).toEqual([]);
    const [one, other] = await Promise.all(['kept', 'computed'].map((run) => tensorsOf(run)));
    expect([...one!.keys()]).toEqual([...other!.keys()]);
    for (const [name, { data: values }] of one!) {
      const expected = other!.get(name)!.data as Float32Array;
      (values as Float32Array).forEach((value, index) => expect(Math.abs(value - expected[index]!), name).toBeLessThan(1e-6));
    }
    const losses = async (run: string) => (await historyOf(run)).flatMap(({ loss, val_loss }) => [loss, val_loss!]);
    const expected = await losses('computed');
    (await losses('kept')).forEach((loss, index) => expect(loss).toBeCloseTo(expected[index]!, 5));
    expect(await leftOver('kept')).toEqual([]);
  });

  it('are those of the validation pictures alone where training pictures are varied, which is said', async () => {
    const told = await start({ data, out: out('varied'), epochs: 1, freeze: 'backbone' });
    expect(told.of('start')[0]!.notes).toEqual([expect.stringMatching(/^Training pictures are varied, .*--no-augment/) as string]);
    expect(told.of('features').map(({ done, total }) => [done, total])).toEqual([[3, 3]]);
    const plain = await start({ data, out: out('varied, computed'), epochs: 1, freeze: 'backbone', featureCache: false });
    expect(plain.of('start')[0]!.notes).toBeUndefined();
    expect(await digestsOf(out('varied'))).toEqual(await digestsOf(out('varied, computed')));
    expect((await historyOf('varied'))[0]!.val_loss).toBeCloseTo((await historyOf('varied, computed'))[0]!.val_loss!, 5);
  });

  it('go with a running mean of the weights', async () => {
    const settings = { data, epochs: 2, freeze: 'backbone', augment: false, averageDecay: 0.9 };
    await start({ ...settings, out: out('mean') });
    await start({ ...settings, out: out('mean, computed'), featureCache: false });
    expect((await historyOf('mean'))[1]!.val_loss).toBeCloseTo((await historyOf('mean, computed'))[1]!.val_loss!, 5);
    expect([...(await tensorsOf('mean')).keys()].filter((name) => name.endsWith('/average')).map(layerOfParameter)).toEqual(
      ['dense1', 'dense1', 'dense2', 'dense2'],
    );
  });
});

describe('fine-tuning in two stages', () => {
  it('starts from the weights of a run, freezes them and trains all later', async () => {
    await start({ data, out: out('base'), epochs: 1 });
    const options = await fineTuneOptions({ ...TWO_STAGES, from: out('base'), data, out: out('tuned'), unfreezeFactor: 0.1, checkpointEvery: 1 });
    await start(options);
    const base = ofLayers((await loadCheckpoint(new RunFolder(out('base')).checkpointFile('best'))).tensors, BACKBONE);
    expect(ofLayers(await tensorsOf('tuned', 2), BACKBONE)).toEqual(base);
    expect(ofLayers(await tensorsOf('tuned', 4), BACKBONE)).not.toEqual(base);
    // A further one inherits the recipe, unless it says otherwise.
    expect(await fineTuneOptions({ from: out('tuned'), data, out: 'x' })).toMatchObject({ freeze: 'backbone', unfreezeAt: 3 });
    const whole = { freeze: 'none', epochs: 3, schedule: 'constant', earlyStopping: 9 } as const;
    const plain = await start(await fineTuneOptions({ from: out('tuned'), data, out: out('plain'), ...whole }));
    expect(plain.of('start')[0]!.trainable).toBeUndefined();
    expect(plain.of('epoch').map(({ record }) => record.learning_rate)).toEqual([0.05, 0.05, 0.05]);
  });

  it('takes over all but the last layer for other bands', async () => {
    const bands = out('bands');
    await writePictures(bands, ['0-2', '4-6', '8-13', '15-20'], { train: [2, 2, 2, 2], valid: [1, 1, 1, 1] });
    // Few channels and a small picture: a registered network, whose classes are not fixed.
    await start({ data: bands, out: out('four'), network: undefined, epochs: 1 });
    const options = { from: out('four'), data: bands, out: out('three'), bands: '0-6,7-13,14-20', freeze: 'backbone', augment: false, epochs: 1 };
    const told = await start({ ...(await fineTuneOptions(options)), network: undefined });
    expect(told.of('start')[0]!.notes).toEqual(['Weights are taken over; anew starts dense3, for the bands 0-6, 7-13, 14-20.']);
    const before = (await loadCheckpoint(new RunFolder(out('four')).checkpointFile('best'))).tensors;
    const after = await tensorsOf('three');
    expect(after.get('conv3.kernel')).toEqual(before.get('conv3.kernel'));
    expect([before, after].map((tensors) => tensors.get('dense3.bias')!.shape)).toEqual([[4], [3]]);
    expect(await readConfig(new RunFolder(out('three')))).toMatchObject({ classes: ['0-6', '7-13', '14-20'], bands: '0-6,7-13,14-20' });
    await expect(start({ ...options, network: undefined, bands: undefined, out: out('wrong bands'), classes: ['0-6', '7-13', '14-20'] })).rejects.toThrow(
      /its classes are 0-2, 4-6, 8-13, 15-20, not 0-6, 7-13, 14-20/,
    );
  });
});

it('a run that was begun before an option existed goes on', async () => {
  const run = new RunFolder(out('older'));
  await start({ data, out: run.path }, undefined, 1);
  // What stands in the file decides, and an older version knew fewer settings.
  const { jpeg: _jpeg, device: _device, ...settings } = await readConfig(run);
  await writeConfig(run, settings);
  await expect(resume(run.path)).rejects.toThrow(/belongs to other settings/);
  const { tensors, state } = await loadCheckpoint(run.checkpointFile('last'));
  const configHash = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
  await saveCheckpoint(run.checkpointFile('last'), { tensors, state: { ...state, configHash } });
  await resume(run.path);
  expect(await historyOf('older')).toHaveLength(2);
});
