import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { openDataset } from '../../src/data/dataset.js';
import type { LayerDescription } from '../../src/nn/description.js';
import { writePictures as recordPictures } from '../../src/training/pictures.js';
import type { Counts } from './training.js';
import { sharedFolder, start, writePictures, writeRun } from './training.js';

/** A network that trains in no time, and pools and normalises as the report's does. */
export function smallNetwork(classes: number): LayerDescription[] {
  const pair = [3, 3] as const;
  return [
    {
      ...{ kind: 'Conv2D', name: 'conv1', filters: 6, kernel: pair, stride: [2, 2], dilation: [1, 1] },
      ...{ padding: 'valid', bias: true, activation: 'relu' },
    },
    { kind: 'MaxPooling2D', name: 'pool1', size: pair, stride: pair, padding: 'valid' },
    { kind: 'BatchNormalization', name: 'norm1', momentum: 0.99, epsilon: 1e-3, scale: true, centre: true },
    { kind: 'Flatten', name: 'flatten' },
    { kind: 'Dense', name: 'dense1', units: classes, bias: true, activation: 'linear' },
  ];
}

/** Where the data set and the run of a file's tests are. */
export interface SharedPaths {
  readonly data: string;
  readonly run: string;
}

/**
 * Makes pictures and a run for all tests of a file, in a folder of their own.
 * @param weights `trained`: of a small network, after an epoch; `random`: of the report's network, which is sure of itself and
 *   mostly wrong
 * @param take is told where they are, before the tests
 * @returns what gives paths in the folder
 */
export function sharedRun(
  classes: readonly string[],
  counts: Counts,
  weights: 'trained' | 'random',
  take: (paths: SharedPaths) => void,
): (...names: string[]) => string {
  const folder = sharedFolder();
  beforeAll(async () => {
    const [data, out] = [join(folder.path, 'data'), join(folder.path, 'run')];
    await writePictures(data, classes, counts);
    if (weights === 'trained') await start({ data, out, epochs: 1, network: smallNetwork(classes.length) });
    else await recordPictures(await writeRun(out, data, classes), await openDataset(data));
    take({ data, run: out });
  });
  return (...names) => join(folder.path, ...names);
}
