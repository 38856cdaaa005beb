import { fileURLToPath } from 'node:url';
import type * as Batches from '../../src/data/batches.js';
import { samplesOf } from '../../src/data/dataset.js';
import { augmentationOf, parseConfig } from '../../src/training/config.js';
import { choosePictures } from '../../src/training/pictures.js';

const FACES = fileURLToPath(new URL('../../examples/faces', import.meta.url));
const SECONDS = 5;

// Threads are started from what was built: they know nothing of TypeScript.
const built = new URL('../../dist/data/batches.js', import.meta.url);
const { BatchLoader } = (await import(built.href)) as typeof Batches;

/** How many batches of pictures, varied as in training, so many threads make in a second: what a device can be fed with. */
export async function batchesPerSecond(imageSize: number, batchSize: number, workers: number): Promise<number> {
  const config = parseConfig({ data: FACES, imageSize, train: 1, valid: 0, test: 0 });
  const samples = samplesOf(await choosePictures(config), 'train');
  const augmentation = augmentationOf(config)!;
  const loader = await BatchLoader.open({ samples, imageSize, batchSize, shuffle: true, seed: 1, workers, augmentation, prefetch: 2 * workers });
  try {
    let batches = 0;
    let start = performance.now();
    for (let epoch = 0; performance.now() - start < SECONDS * 1000; epoch++) {
      for await (const { size } of loader.batches(epoch)) batches += size / batchSize;
      if (epoch === 0) [batches, start] = [0, performance.now()]; // threads have started
    }
    return batches / ((performance.now() - start) / 1000);
  } finally {
    await loader.close();
  }
}
