import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { ConfigError, DataError } from '../base/errors.js';
import { PURPOSE, randomStream } from '../base/random.js';
import { warpAffine } from '../images/affine.js';
import { augmentationMatrix, drawAugmentation, REPORT_AUGMENTATION } from '../images/augment.js';
import { BatchLoader } from './batches.js';
import type { Batch, BatchLoaderOptions } from './batches.js';
import type { Sample } from './sample.js';

const SIZE = 6;
const PIXELS = SIZE * SIZE;

/** Picture k is black but for its two middle rows of level 10·k + 5, 6 and 7 in red, green and blue. */
function pixelsOf(index: number): Buffer {
  const data = Buffer.alloc(PIXELS * 3);
  for (let at = 2 * SIZE * 3; at < 4 * SIZE * 3; at++) data[at] = 10 * index + 5 + (at % 3);
  return data;
}

async function samplesOf(count: number): Promise<Sample[]> {
  const pictures = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      sharp(pixelsOf(index), { raw: { width: SIZE, height: SIZE, channels: 3 } }).png().toBuffer(),
    ),
  );
  const root = await temporaryFolder(Object.fromEntries(pictures.map((picture, index) => [`${index}.png`, picture])));
  return pictures.map((_, index) => ({ file: join(root, `${index}.png`), label: index % 3 }));
}

type Changes = Partial<BatchLoaderOptions>;

function open(samples: readonly Sample[], changes: Changes = {}): Promise<BatchLoader> {
  return BatchLoader.open({ samples, imageSize: SIZE, batchSize: 4, seed: 11, shuffle: true, workers: 0, ...changes });
}

async function collect(loader: BatchLoader, epoch: number, startBatch?: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.batches(epoch, startBatch)) batches.push(batch);
  return batches;
}

const ordersOf = (batches: readonly Batch[]): number[] => batches.flatMap(({ samples }) => Array.from(samples));

describe('BatchLoader', () => {
  it('gives every picture once per epoch, with its label, and a smaller last batch', async () => {
    const loader = await open(await samplesOf(10));
    expect([loader.size, loader.batchesPerEpoch, loader.problems]).toEqual([10, 3, []]);
    const batches = await collect(loader, 1);
    expect(batches.map(({ size }) => size)).toEqual([4, 4, 2]);
    expect(batches.map(({ images }) => images.length)).toEqual([4, 4, 2].map((size) => size * 3 * PIXELS));
    expect(ordersOf(batches).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { samples, labels, images } of batches) {
      samples.forEach((sample, position) => {
        expect(labels[position]).toBe(sample % 3);
        // The middle of the red and of the blue plane.
        const middle = position * 3 * PIXELS + 2 * SIZE;
        expect(images[middle]).toBeCloseTo((10 * sample + 5) / 255, 6);
        expect(images[middle + 2 * PIXELS]).toBeCloseTo((10 * sample + 7) / 255, 6);
        expect(images[position * 3 * PIXELS]).toBe(0);
      });
    }
  });

  it('shuffles each epoch in its own way, or not at all', async () => {
    const samples = await samplesOf(10);
    const loader = await open(samples);
    const [first, second] = [ordersOf(await collect(loader, 1)), ordersOf(await collect(loader, 2))];
    expect(first).not.toEqual(second);
    expect(ordersOf(await collect(loader, 1))).toEqual(first);
    expect(ordersOf(await collect(await open(samples, { seed: 12 }), 1))).not.toEqual(first);
    expect(ordersOf(await collect(await open(samples, { shuffle: false }), 1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('varies each picture by its own stream of the epoch', async () => {
    const loader = await open(await samplesOf(5), { augmentation: REPORT_AUGMENTATION });
    for (const epoch of [1, 2]) {
      for (const { samples, images } of await collect(loader, epoch)) {
        samples.forEach((sample, position) => {
          const stream = randomStream(11, PURPOSE.augment, epoch, sample);
          const matrix = augmentationMatrix(drawAugmentation(stream, REPORT_AUGMENTATION, SIZE), SIZE, SIZE);
          const expected = new Float32Array(3 * PIXELS);
          warpAffine({ data: pixelsOf(sample), width: SIZE, height: SIZE }, matrix, expected);
          expect(images.slice(position * 3 * PIXELS, (position + 1) * 3 * PIXELS)).toEqual(expected);
        });
      }
    }
  });

  it('gives the same batches from the middle of an epoch on, without a cache and with any prefetch', async () => {
    const samples = await samplesOf(10);
    const augmentation = REPORT_AUGMENTATION;
    const whole = await collect(await open(samples, { augmentation }), 3);
    const threePictures = 3 * PIXELS * 3;
    const all: Changes[] = [{}, { cacheBytes: 0 }, { cacheBytes: threePictures }, { prefetch: 0 }, { prefetch: 9 }];
    for (const change of all) {
      const loader = await open(samples, { augmentation, ...change });
      expect(await collect(loader, 3, 1), JSON.stringify(change)).toEqual(whole.slice(1));
    }
    expect(await collect(await open(samples), 3, 3)).toEqual([]);
  });

  it('alters each picture the same whatever batch it is in', async () => {
    const samples = await samplesOf(8);
    const augmentation = {
      ...{ ...REPORT_AUGMENTATION, brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 20, greyscale: 0.3 },
      ...{ blur: 1, downscale: 2, noise: 0.1, jpeg: 30, erase: 0.5 },
    };
    const picturesOf = async (changes: Changes): Promise<Map<number, Float32Array>> => {
      const batches = await collect(await open(samples, { augmentation, ...changes }), 2);
      return new Map(
        batches.flatMap(({ samples: indices, images }) =>
          Array.from(indices, (index, position) => [index, images.slice(3 * PIXELS * position, 3 * PIXELS * (position + 1))]),
        ),
      );
    };
    const expected = await picturesOf({});
    expect(await picturesOf({})).toEqual(expected);
    const others = await picturesOf({ batchSize: 3, shuffle: false, cacheBytes: 0 });
    for (const [index, picture] of expected) expect(others.get(index), `picture ${index}`).toEqual(picture);
    const otherSeed = await picturesOf({ seed: 12 });
    for (const [index, picture] of expected) expect(otherSeed.get(index), `picture ${index}`).not.toEqual(picture);
  });

  it('leaves out what cannot be read and says so', async () => {
    const samples = await samplesOf(6);
    const root = await temporaryFolder({ 'text.jpg': 'not a picture' });
    const damaged = { file: join(root, 'text.jpg'), label: 0 };
    const loader = await open([...samples.slice(0, 2), damaged, ...samples.slice(2)]);
    expect(loader.problems).toMatchObject([{ file: damaged.file }]);
    expect([loader.size, loader.batchesPerEpoch]).toEqual([6, 2]);
    expect(ordersOf(await collect(loader, 1)).toSorted()).toEqual([0, 1, 3, 4, 5, 6]);
  });

  it('reports its progress', async () => {
    const progress: [number, number][] = [];
    await open(await samplesOf(3), { onProgress: (done, total) => progress.push([done, total]) });
    expect(progress).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('refuses a set without a readable picture, and no batch size', async () => {
    const failure = open([{ file: '/no/such.jpg', label: 0 }]);
    await expect(failure).rejects.toThrow(DataError);
    await expect(failure).rejects.toThrow('none of the 1 pictures can be read; /no/such.jpg: not found');
    await expect(open(await samplesOf(1), { batchSize: 0 })).rejects.toThrow(ConfigError);
  });

  it('fails clearly when a picture disappears between two epochs', async () => {
    const samples = await samplesOf(5);
    const loader = await open(samples, { cacheBytes: 0, shuffle: false });
    await rename(samples[4]!.file, `${samples[4]!.file}.gone`);
    const failure = collect(loader, 7);
    await expect(failure).rejects.toThrow(DataError);
    await expect(failure).rejects.toThrow(/batch 2 of epoch 7 cannot be made: .*4\.png: not found/);
  });

  it('works ahead of the batch in use', async () => {
    const samples = await samplesOf(3);
    const loader = await open(samples, { cacheBytes: 0, shuffle: false, batchSize: 1, prefetch: 1 });
    const epoch = loader.batches(1);
    const { file } = samples[1]!;
    await rename(file, `${file}.away`);
    await epoch.next();
    await rename(`${file}.away`, file);
    // The second picture was looked for while the first batch was made, and was not there.
    await expect(epoch.next()).rejects.toThrow(/batch 2 of epoch 1 cannot be made/);
  });

  it('can be left in the middle of an epoch', async () => {
    const loader = await open(await samplesOf(10));
    for await (const batch of loader.batches(1)) {
      expect(batch.size).toBe(4);
      break;
    }
    expect(await collect(loader, 1)).toHaveLength(3);
    await loader.close();
  });
});
