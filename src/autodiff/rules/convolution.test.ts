import { describe, it } from 'vitest';
import { expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from '../../graph/capabilities.js';
import type { ConvolutionOptions } from '../../graph/operators/index.js';
import { convolution } from '../../graph/operators/index.js';

interface Case {
  readonly title: string;
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number, number, number];
  readonly options?: ConvolutionOptions;
}

describe.each([
  { by: 'every operator', capabilities: PROCESSOR_CAPABILITIES },
  { by: 'what every provider has', capabilities: COMMON_CAPABILITIES },
])('gradients of convolution by $by', ({ capabilities }) => {
  it.each<Case>([
    { title: 'stride 1', x: [2, 3, 6, 5], kernel: [4, 3, 3, 2] },
    { title: 'kernel of one pixel', x: [2, 3, 3, 2], kernel: [2, 3, 1, 1] },
    { title: 'kernel of the size of the picture', x: [2, 2, 3, 4], kernel: [3, 2, 3, 4] },
    { title: 'padding', x: [2, 2, 5, 5], kernel: [3, 2, 3, 3], options: { pads: [1, 2, 0, 1] } },
    { title: 'padding wider than the kernel', x: [1, 1, 3, 3], kernel: [1, 1, 2, 2], options: { pads: [2, 2, 2, 2] } },
    { title: 'stride 2 that leaves a row over', x: [2, 2, 8, 7], kernel: [3, 2, 3, 3], options: { strides: [2, 2] } },
    { title: 'stride longer than the kernel', x: [1, 2, 8, 7], kernel: [2, 2, 2, 1], options: { strides: [3, 2] } },
    {
      title: 'stride, padding and dilation, other in height than in width',
      x: [2, 2, 7, 9],
      kernel: [2, 2, 2, 3],
      options: { strides: [2, 3], pads: [1, 0, 0, 2], dilations: [2, 1] },
    },
    { title: 'dilation', x: [1, 2, 7, 8], kernel: [2, 2, 3, 3], options: { dilations: [2, 2], pads: [1, 1, 1, 1] } },
    { title: 'groups', x: [2, 4, 5, 5], kernel: [6, 2, 3, 3], options: { groups: 2, pads: [1, 1, 1, 1] } },
    { title: 'depthwise with stride', x: [1, 3, 6, 6], kernel: [3, 1, 3, 3], options: { groups: 3, strides: [2, 2] } },
    { title: 'many channels', x: [2, 17, 4, 4], kernel: [2, 17, 2, 3] },
    { title: 'many channels in groups', x: [2, 34, 3, 3], kernel: [4, 17, 2, 2], options: { groups: 2, pads: [1, 0, 0, 0] } },
    { title: 'many channels with stride and padding', x: [1, 17, 5, 5], kernel: [2, 17, 3, 3], options: { strides: [2, 2], pads: [1, 1, 1, 1] } },
  ])('$title', async ({ x, kernel, options }) => {
    const inputs = [randomTensor(x, 1), randomTensor(kernel, 2), randomTensor([kernel[0]], 3)];
    await expectGradients(inputs, (a, b, c) => convolution(a, b, c, options), capabilities);
  });

  it('without a bias', async () => {
    const inputs = [randomTensor([1, 1, 3, 3], 1), randomTensor([1, 1, 2, 2], 2)];
    await expectGradients(inputs, (x, kernel) => convolution(x, kernel), capabilities);
  });
});
