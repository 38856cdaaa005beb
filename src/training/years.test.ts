import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, resume, sharedFolder, start, writePictures } from '../../test/support/training.js';
import type { Told } from '../../test/support/training.js';
import { ConfigError, DataError, FormatError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { floatTensor } from '../base/tensor.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { averageOf, loadCheckpoint, parametersOf } from './checkpoint.js';
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

describe('training with the target years', () => {
  it('learns ages, of which the bands follow', () => {
    const [first, , last] = told.of('epoch').map(({ record }) => record);
    expect(last!.loss).toBeLessThan(first!.loss);
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
