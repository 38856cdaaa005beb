import { describe, expect, it } from 'vitest';
import { runLayers } from '../../../test/support/layers.js';
import { PURPOSE, randomStream } from '../../base/random.js';
import { floatTensor } from '../../base/tensor.js';
import type { HostTensor } from '../../base/tensor.js';
import { batchNormLayer, localResponseNormLayer } from './index.js';

// Two pictures of 2×2 pixels. Means of the channels: 3, 0, 5; (biased) variances: 3.5, 4, 0.
const images = floatTensor(
  [0, 1, 2, 3, 2, 2, 2, 2, 5, 5, 5, 5, 3, 4, 5, 6, -2, -2, -2, -2, 5, 5, 5, 5],
  [2, 3, 2, 2],
);
const channels = (...values: number[]): HostTensor => floatTensor(values, [3]);
const parameters = {
  'norm.gamma': channels(2, 1, 3),
  'norm.beta': channels(0, 10, -1),
  'norm.moving_mean': channels(1, 2, 3),
  'norm.moving_variance': channels(9, 4, 16),
};

const numbers = (tensor: HostTensor | undefined): number[] => Array.from(tensor!.data as Float32Array);

function expectClose(tensor: HostTensor | undefined, expected: readonly number[]): void {
  const actual = numbers(tensor);
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value, `element ${index}`).toBeCloseTo(expected[index]!, 5));
}

describe('batchNormLayer', () => {
  it('starts as the identity, with statistics that are not trained', async () => {
    const { built } = await runLayers([batchNormLayer('norm')], images, parameters);
    const starts = built.parameters.map(({ name, shape, trainable, initialise }) => {
      const [first] = initialise(shape, randomStream(1, PURPOSE.initialise));
      return [name, shape, trainable, first];
    });
    expect(starts).toEqual([
      ['norm.gamma', [3], true, 1],
      ['norm.beta', [3], true, 0],
      ['norm.moving_mean', [3], false, 0],
      ['norm.moving_variance', [3], false, 1],
    ]);
  });

  it('uses the moving statistics at inference and leaves them alone', async () => {
    const layer = batchNormLayer('norm', { epsilon: 0 });
    const { built, outputs } = await runLayers([layer], images, parameters);
    const affine = [
      (x: number) => ((x - 1) / 3) * 2,
      (x: number) => (x - 2) / 2 + 10,
      (x: number) => ((x - 3) / 4) * 3 - 1,
    ];
    expectClose(outputs['y'], numbers(images).map((x, index) => affine[Math.floor(index / 4) % 3]!(x)));
    expect(built.updates.size).toBe(0);
  });

  it("uses the batch's own mean and biased variance while training", async () => {
    const layer = batchNormLayer('norm', { epsilon: 0.5 });
    const { outputs } = await runLayers([layer], images, parameters, true);
    const affine = [
      (x: number) => ((x - 3) / Math.sqrt(3.5 + 0.5)) * 2,
      (x: number) => x / Math.sqrt(4 + 0.5) + 10,
      () => -1,
    ];
    expectClose(outputs['y'], numbers(images).map((x, index) => affine[Math.floor(index / 4) % 3]!(x)));
  });

  it('uses the moving statistics while training where it is frozen, and leaves them alone', async () => {
    const layer = batchNormLayer('norm');
    const inference = await runLayers([layer], images, parameters);
    const { built, outputs } = await runLayers([layer], images, parameters, { frozen: new Set(['norm']) });
    expect(outputs['y']).toEqual(inference.outputs['y']);
    expect(built.updates.size).toBe(0);
    expect(built.parameters.map(({ trainable }) => trainable)).toEqual([false, false, false, false]);
  });

  it('moves the statistics towards those of the batch', async () => {
    const layer = batchNormLayer('norm', { momentum: 0.75 });
    const { built, outputs } = await runLayers([layer], images, parameters, true);
    expect([...built.updates.keys()]).toEqual(['norm.moving_mean', 'norm.moving_variance']);
    expectClose(outputs['next:norm.moving_mean'], [0.75 + 0.75, 1.5, 2.25 + 1.25]);
    expectClose(outputs['next:norm.moving_variance'], [6.75 + 0.875, 3 + 1, 12]);
  });

  it("has Keras's momentum and epsilon", async () => {
    const inference = await runLayers([batchNormLayer('norm')], images, parameters);
    expect(numbers(inference.outputs['y'])[0]).toBeCloseTo((-1 / Math.sqrt(9.001)) * 2, 6);
    const training = await runLayers([batchNormLayer('norm')], images, parameters, true);
    expect(numbers(training.outputs['y'])[0]).toBeCloseTo((-3 / Math.sqrt(3.501)) * 2, 6);
    expectClose(training.outputs['next:norm.moving_mean'], [0.99 + 0.03, 1.98, 2.97 + 0.05]);
    expectClose(training.outputs['next:norm.moving_variance'], [8.91 + 0.035, 3.96 + 0.04, 15.84]);
  });
});

it('localResponseNormLayer divides by the squares of neighbouring channels', async () => {
  const layer = localResponseNormLayer('norm', { size: 3, alpha: 3, beta: 1, bias: 1 });
  const { built, outputs } = await runLayers([layer], floatTensor([1, 2, 3], [1, 3, 1, 1]));
  expectClose(outputs['y'], [1 / 6, 2 / 15, 3 / 14]);
  expect(built.parameters).toEqual([]);
});
