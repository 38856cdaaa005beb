import { describe, it } from 'vitest';
import { expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { batchNorm, localResponseNorm, logSoftmax, softmax } from '../../graph/operators/index.js';

describe('gradients of BatchNormalization', () => {
  it.each([{ shape: [2, 3, 2, 2] }, { shape: [4, 3] }, { shape: [2, 3, 4] }])('of $shape, by all five inputs', async ({ shape }) => {
    const inputs = [
      randomTensor(shape, 1),
      ...[2, 3, 4].map((key) => randomTensor([3], key)),
      randomTensor([3], 5, 0.5, 2),
    ];
    await expectGradients(inputs, (x, gamma, beta, mean, variance) => batchNorm(x, { gamma, beta, mean, variance }, 0.1));
  });
});

describe('gradients of LRN', () => {
  it.each([
    { title: 'the layer of Levi & Hassner', channels: 7, size: 5, alpha: 1e-4, beta: 0.75, bias: 1 },
    { title: 'a large alpha', channels: 7, size: 5, alpha: 4, beta: 0.75, bias: 1 },
    { title: 'another exponent and bias', channels: 4, size: 3, alpha: 2, beta: 1.5, bias: 2 },
    { title: 'one channel alone', channels: 3, size: 1, alpha: 1, beta: 0.5, bias: 1 },
    { title: 'more neighbours than channels', channels: 3, size: 9, alpha: 5, beta: 1, bias: 0.5 },
  ])('$title', async ({ channels, size, alpha, beta, bias }) => {
    await expectGradients([randomTensor([2, channels, 2, 1], 1, -2, 2)], (x) => localResponseNorm(x, { size, alpha, beta, bias }));
  });
});

describe('gradients of Softmax and LogSoftmax', () => {
  it.each([{ shape: [3, 5] }, { shape: [2, 2, 3] }, { shape: [4] }])('of $shape', async ({ shape }) => {
    await expectGradients([randomTensor(shape, 1, -3, 3)], softmax);
    await expectGradients([randomTensor(shape, 1, -3, 3)], logSoftmax);
  });
});
