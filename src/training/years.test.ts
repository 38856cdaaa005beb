import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, resume, sharedFolder, start, writePictures } from '../../test/support/training.js';
import type { Told } from '../../test/support/training.js';
import { ConfigError, DataError, FormatError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { floatTensor } from '../base/tensor.js';
import { evaluateRun } from '../evaluation/evaluate.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { decodePicture } from '../images/decode.node.js';
import { writePlanes } from '../images/picture.js';
import { averageOf, loadCheckpoint, parametersOf, saveCheckpoint } from './checkpoint.js';
import { networkOf } from './config.js';
import { runModel } from './export.js';
import { RunFolder } from './run-folder.js';
import { Session } from '../runtime/session.node.js';

const folder = sharedFolder();
const inFolder = (name: string): string => join(folder.path, name);
const YEARS = { target: 'years', averageDecay: 0.9, learningRate: 0.001, optimiser: 'adamw', augment: false } as const;
let data: string;
let told: Told;

/** Children of 1 or, between two bands, 3 years and grown-ups of 28; of one picture the age is not known. */
beforeAll(async () => {
  await writePictures(folder.path, ['young', 'old'], { train: [6, 6], valid: [2, 2] });
  const rows = (['train', 'valid'] as const).flatMap((split) =>
    Array.from({ length: split === 'train' ? 6 : 2 }, (_, index) => [
      `${split}/young/${index}.png,0-2,${index % 2 === 0 ? 1 : 3},${split}`,
      `${split}/old/${index}.png,25-32,${index === 0 ? '' : 28},${split}`,
    ]).flat(),
  );
  data = inFolder('ages.csv');
  await writeFile(data, ['file,band,age,split', ...rows].join('\n'));
  told = await start({ ...YEARS, data, out: inFolder('run'), epochs: 3 });
});

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the exported network says of the validation pictures: the loss of their bands and of their years, and whether it is right. */
async function lossesOf(run: string, checkpoint: 'best' | 'last') {
  const session = await Session.create(await runModel(run, { checkpoint }));
  const losses = { ofBands: [] as number[], ofYears: [] as number[], right: [] as number[] };
  for (const [label, file, age] of [[0, 'young/0', 1], [0, 'young/1', 3], [1, 'old/0', NaN], [1, 'old/1', 28]] as const) {
    const planes = new Float32Array(3 * 37 * 37);
    writePlanes(await decodePicture(inFolder(`valid/${file}.png`), { width: 37, height: 37 }), planes);
    const results = await session.run({ images: floatTensor(planes, [1, 3, 37, 37]) });
    const [bands, years] = [results['probabilities']!, results['years']!].map(({ data: values }) => [...(values as Float32Array)]);
    const around = years!.map((_, year) => Math.exp(-(((year - age) / 2) ** 2) / 2));
    const total = around.reduce((sum, share) => sum + share, 0);
    const entropy = years!.reduce((sum, share, year) => sum - (around[year]! / total) * Math.log(share), 0);
    const expected = years!.reduce((sum, share, year) => sum + share * year, 0);
    losses.ofBands.push(-Math.log(bands![label]!));
    losses.ofYears.push(entropy + 0.1 * Math.abs(expected - age));
    losses.right.push(bands![label]! > 0.5 ? 1 : 0);
  }
  await session.dispose();
  return losses;
}

describe('training with the target years', () => {
  it('learns ages, of which the bands follow', () => {
    const [first, , last] = told.of('epoch').map(({ record }) => record);
    expect(last!.loss).toBeLessThan(first!.loss);
  });

  it('chooses its weights by what it learns, and tells the accuracy that `evaluate` tells', async () => {
    const best = told.of('epoch').map(({ record }) => record).sort((a, b) => a.val_loss! - b.val_loss!)[0]!;
    expect(told.of('end')[0]!.best).toEqual(best);
    const { ofBands, ofYears } = await lossesOf(inFolder('run'), 'best');
    // The second picture is between two bands, the age of the third is not known.
    const losses = [ofBands[0]! + ofYears[0]!, ofYears[1]!, ofBands[2]!, ofBands[3]! + ofYears[3]!];
    expect(best.val_loss).toBeCloseTo(meanOf(losses), 4);
    const { accuracy, pictures } = await evaluateRun(inFolder('run'), data, { split: 'valid', allowLeaks: true });
    expect(pictures).toBe(3);
    expect(best.val_accuracy).toBeCloseTo(accuracy, 12);
  });

  it('goes on with the figures of bands alone in a run that was begun with them', async () => {
    const run = new RunFolder(inFolder('older'));
    await start({ ...YEARS, data, out: run.path, epochs: 2 }, undefined, 1);
    const { tensors, state } = await loadCheckpoint(run.checkpointFile('last'));
    await saveCheckpoint(run.checkpointFile('last'), { tensors, state: { ...state, figures: undefined } });
    const [record] = (await resume(run.path)).of('epoch').map((event) => event.record);
    const { ofBands, right } = await lossesOf(run.path, 'last');
    expect(record!.val_loss).toBeCloseTo(meanOf(ofBands), 4);
    expect(record!.val_accuracy).toBeCloseTo(meanOf(right), 12);
    expect((await loadCheckpoint(run.checkpointFile('last'))).state.figures).toBeUndefined();
  });

  it('keeps the running means of the weights, which are what is exported', async () => {
    const { tensors } = await loadCheckpoint(new RunFolder(inFolder('run')).checkpointFile('best'));
    const [mean, weights] = [tensors.get(averageOf('dense3.bias'))!, tensors.get('dense3.bias')!];
    expect(weights.shape).toEqual([101]);
    expect(mean.data).not.toEqual(weights.data);
    expect(parametersOf({ tensors }).get('dense3.bias')).toBe(mean);
  });

  it('gives an ONNX file with the probabilities of the years, and of the bands that they make', async () => {
    const session = await Session.create(await runModel(inFolder('run')));
    const images = floatTensor(new Float32Array(2 * 3 * 37 * 37).fill(0.5), [2, 3, 37, 37]);
    const { probabilities, years } = await session.run({ images });
    await session.dispose();
    expect([probabilities!.shape, years!.shape]).toEqual([
      [2, 2],
      [2, 101],
    ]);
    // Years from 0 to 2 and from 25 to 32 alone count for the bands.
    const sumOf = (from: number, to: number): number => (years!.data as Float32Array).subarray(from, to + 1).reduce((sum, share) => sum + share, 0);
    const [young, old] = [sumOf(0, 2), sumOf(25, 32)];
    expect(probabilities!.data[0]).toBeCloseTo(young / (young + old), 4);
    expect(probabilities!.data[1]).toBeCloseTo(old / (young + old), 4);
  });

  it('goes on as if it had not been interrupted', async () => {
    await start({ ...YEARS, data, out: inFolder('paused'), epochs: 3 }, undefined, 1);
    await resume(inFolder('paused'));
    expect(await digestsOf(inFolder('paused'))).toEqual(await digestsOf(inFolder('run')));
  });

  it('needs ages, and classes that are age bands', async () => {
    await writeFile(inFolder('no-ages.csv'), 'file,band,split\ntrain/young/0.png,0-2,train\ntrain/old/0.png,25-32,train\n');
    await expect(start({ ...YEARS, data: inFolder('no-ages.csv'), out: inFolder('x'), batchSize: 2 })).rejects.toThrow(DataError);
    await writeFile(inFolder('moods.csv'), 'file,label,age,split\ntrain/young/0.png,glad,1,train\ntrain/old/0.png,sad,28,train\n');
    await expect(start({ ...YEARS, data: inFolder('moods.csv'), out: inFolder('x'), batchSize: 2 })).rejects.toThrow(ConfigError);
  });
});

describe('networkOf with the target years', () => {
  const bandsOf = (config: Parameters<typeof networkOf>[0]) => networkOf(config).layers(8).at(-1)!.description;

  it('lets any network end in bands of years, once', () => {
    const once = bandsOf({ model: 'baseline', target: 'years', classes: ['0-2', '60+'] });
    expect(once).toEqual({ kind: 'BandsOfYears', name: 'bands', ranges: [[0, 2], [60, 100]] });
    const layers = networkOf({ model: 'baseline', target: 'years' }).layers(8).map(({ description }) => description);
    const again = networkOf({ model: 'mine', network: layers, target: 'years' }).layers(8);
    expect(again.map(({ name }) => name)).toEqual(layers.map(({ name }) => name));
  });
});

describe('starting from a file of weights', () => {
  it('takes what fits over and says what does not', async () => {
    const { tensors } = await loadCheckpoint(new RunFolder(inFolder('run')).checkpointFile('last'));
    const kept = new Map([...parametersOf({ tensors })].filter(([name]) => !name.startsWith('dense3')));
    await writeFileAtomic(inFolder('start.safetensors'), writeSafetensors(kept, {}));
    const settings = { data, out: inFolder('from file'), epochs: 1, learningRate: 1e-30, weights: inFolder('start.safetensors') };
    const { notes } = (await start(settings)).of('start')[0]!;
    expect(notes).toEqual(['The weights of 7 layers are taken over, from conv1 to dense2; anew start dense3.']);
    const own = parametersOf(await loadCheckpoint(new RunFolder(inFolder('from file')).checkpointFile('last')));
    expect(own.get('conv1.bias')!.data).toEqual(kept.get('conv1.bias')!.data);
    expect(own.get('dense3.bias')!.shape).toEqual([2]);
  });

  it('refuses a file of which nothing fits', async () => {
    await writeFileAtomic(inFolder('other.safetensors'), writeSafetensors(new Map([['x', floatTensor([1], [1])]]), {}));
    const settings = { data, out: inFolder('y'), weights: inFolder('other.safetensors') };
    await expect(start(settings)).rejects.toThrow(FormatError);
  });
});
