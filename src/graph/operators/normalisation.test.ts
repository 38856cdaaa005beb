import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import { batchNorm, localResponseNorm, logSoftmax, softmax } from './index.js';

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
}

describe('batchNorm', () => {
  it('scales and shifts each channel by its statistics', async () => {
    const x = floatTensor([1, 3, 10, 20, -1, 1, 30, 10], [2, 2, 1, 2]);
    const statistics = [[2, 10], [1, -1], [1, 10], [3, 24]].map((values) => floatTensor(values, [2]));
    const y = await compute([x, ...statistics], (value, gamma, beta, mean, variance) =>
      batchNorm(value, { gamma: gamma, beta: beta, mean: mean, variance: variance }, 1),
    );
    expectClose(y, [1, 3, -1, 19, -1, 1, 39, -1]);
  });

  it('names the scope and both shapes when a statistic does not fit', () => {
    const [x, fits, other] = floatInputs([2, 3, 4, 4], [3], [4]);
    const build = () => batchNorm(x, { gamma: fits, beta: fits, mean: fits, variance: other }, 1e-3);
    expect(() => x.graph.scope('norm1', build)).toThrow(
      'norm1/BatchNormalization: statistics [4] do not fit the channels of [2, 3, 4, 4]',
    );
  });
});

describe('localResponseNorm', () => {
  const x = floatTensor([1, 2, 3], [1, 3, 1, 1]);

  it('divides by the squares of the neighbouring channels', async () => {
    const options = { size: 3, alpha: 3, beta: 1, bias: 1 };
    expectClose(await compute([x], (value) => localResponseNorm(value, options)), [1 / 6, 2 / 15, 3 / 14]);
  });

  it('divides alpha by the size and raises to beta', async () => {
    const options = { size: 5, alpha: 10, beta: 0.5, bias: 8 };
    expectClose(await compute([x], (value) => localResponseNorm(value, options)), [1 / 6, 2 / 6, 3 / 6]);
  });

  it('refuses an even size, which ONNX Runtime cannot compute', () => {
    const [value] = floatInputs([1, 3, 1, 1]);
    const build = () => localResponseNorm(value, { size: 4, alpha: 1, beta: 1, bias: 1 });
    expect(() => value.graph.scope('norm1', build)).toThrow('norm1/LRN: the size must be odd, got 4');
  });
});

describe('softmax and logSoftmax', () => {
  const logits = floatTensor([0, Math.log(3), 1000, 1000], [2, 2]);

  it('normalise the last axis, also for large numbers', async () => {
    expectClose(await compute([logits], (x) => softmax(x)), [0.25, 0.75, 0.5, 0.5]);
    const logs = [0.25, 0.75, 0.5, 0.5].map((value) => Math.log(value));
    expectClose(await compute([logits], (x) => logSoftmax(x)), logs);
  });
});
