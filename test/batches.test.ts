import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it, onTestFinished } from 'vitest';
import type * as Batches from '../src/data/batches.js';
import { REPORT_AUGMENTATION } from '../src/images/augment.js';
import { temporaryFolder } from './support/folder.js';

// Worker threads run the built files only, which exist only after the sources were checked: hence no static import.
const built = new URL('../dist/data/batches.js', import.meta.url);
const { BatchLoader } = (await import(built.href)) as typeof Batches;

const SIZE = 16;

async function openPictures(workers: number, samples: Batches.BatchLoaderOptions['samples'], cacheBytes: number) {
  const loader = await BatchLoader.open({
    samples,
    imageSize: SIZE,
    batchSize: 3,
    seed: 5,
    shuffle: true,
    augmentation: { ...REPORT_AUGMENTATION, hue: 20, blur: 1, noise: 0.1, jpeg: 30, erase: 0.5 },
    workers,
    cacheBytes,
  });
  onTestFinished(() => loader.close());
  return loader;
}

async function collect(loader: Batches.BatchLoader, epoch: number, startBatch?: number): Promise<Batches.Batch[]> {
  const batches: Batches.Batch[] = [];
  for await (const batch of loader.batches(epoch, startBatch)) batches.push(batch);
  return batches;
}

async function noisePictures(count: number) {
  const files: Record<string, Buffer> = {};
  for (let index = 0; index < count; index++) {
    const noise = Buffer.from(Array.from({ length: SIZE * SIZE * 3 }, (_, at) => (at * at * (index + 3)) % 251));
    files[`${index}.png`] = await sharp(noise, { raw: { width: SIZE, height: SIZE, channels: 3 } })
      .png()
      .toBuffer();
  }
  const root = await temporaryFolder(files);
  return Object.keys(files).map((name, index) => ({ file: join(root, name), label: index % 2 }));
}

it('worker threads make the same batches as the calling thread, with and without a cache', async () => {
  const samples = await noisePictures(20);
  const expected = await collect(await openPictures(0, samples, 1e6), 2);
  expect(expected).toHaveLength(7);
  for (const workers of [1, 2, 3]) {
    for (const cacheBytes of [1e6, 0]) {
      const loader = await openPictures(workers, samples, cacheBytes);
      expect(await collect(loader, 2), `${workers} workers`).toEqual(expected);
      expect(await collect(loader, 2, 5), `${workers} workers`).toEqual(expected.slice(5));
    }
  }
});

it('a loader can be closed in the middle of an epoch', async () => {
  const loader = await openPictures(2, await noisePictures(12), 1e6);
  const epoch = loader.batches(1);
  await epoch.next();
  await loader.close();
  await expect(collect(loader, 2)).rejects.toThrow(/batch 1 of epoch 2 cannot be made: the loader was closed/);
});
