/** A run of a tiny network on a few noisy pictures, whose files are damaged. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { startRun } from '../../src/training/run.js';

export const SMALL_CLASSES = ['0-2', '60+'];
export const SMALL_SIZE = 12;

const NETWORK = [
  {
    ...{ kind: 'Conv2D', name: 'conv', filters: 2, kernel: [3, 3], stride: [2, 2], dilation: [1, 1] },
    ...{ padding: 'same', bias: true, activation: 'relu' },
  },
  { kind: 'BatchNormalization', name: 'norm', momentum: 0.9, epsilon: 1e-3, scale: true, centre: true },
  { kind: 'MaxPooling2D', name: 'pool', size: [2, 2], stride: [2, 2], padding: 'valid' },
  { kind: 'Flatten', name: 'flat' },
  { kind: 'Dense', name: 'dense', units: 2, bias: true, activation: 'linear' },
];

/** Writes pictures and trains for an epoch. @returns the folder of the run */
export async function makeSmallRun(folder: string): Promise<string> {
  const [data, out] = [join(folder, 'data'), join(folder, 'run')];
  for (const split of ['train', 'valid', 'test']) {
    for (const [label, name] of SMALL_CLASSES.entries()) {
      await mkdir(join(data, split, name), { recursive: true });
      for (const index of [0, 1]) await writeFile(join(data, split, name, `${index}.png`), await smallPicture(4 * label + index));
    }
  }
  const settings = { imageSize: SMALL_SIZE, batchSize: 2, epochs: 1, optimiser: 'adamw', augment: false, workers: 0, threads: 1 };
  await startRun({ ...settings, data, out, network: NETWORK, model: 'tiny' }, () => undefined, new AbortController().signal);
  return out;
}

/** A PNG of a few pixels that no other key has. */
export async function smallPicture(key: number): Promise<Buffer> {
  const data = Uint8Array.from({ length: 3 * SMALL_SIZE ** 2 }, (_, index) => (index * (key + 3) * 37) % 251);
  return await sharp(data, { raw: { width: SMALL_SIZE, height: SMALL_SIZE, channels: 3 } }).png().toBuffer();
}
