import { describe, it } from 'vitest';
import { expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { concatenate, expand, flatten, pad, reshape, transpose } from '../../graph/operators/index.js';

const x = randomTensor([2, 3, 4], 1);

describe('gradients of operators that move elements', () => {
  it.each([{ shape: [4, 6] }, { shape: [-1] }, { shape: [3, -1, 2, 1] }])('Reshape to $shape', async ({ shape }) => {
    await expectGradients([x], (value) => reshape(value, shape));
  });

  it('Flatten', async () => {
    await expectGradients([randomTensor([2, 3, 2, 2], 1)], flatten);
  });

  it.each([{ order: [1, 0, 2] }, { order: [2, 0, 1] }, { order: [1, 2, 0] }, { order: [2, 1, 0] }])(
    'Transpose by $order',
    async ({ order }) => {
      await expectGradients([x], (value) => transpose(value, order));
    },
  );

  it.each([
    { axis: 0, shapes: [[1, 2], [3, 2], [2, 2]] },
    { axis: 1, shapes: [[2, 1], [2, 3], [2, 2]] },
    { axis: -1, shapes: [[2, 1], [2, 3], [2, 2]] },
    { axis: -2, shapes: [[1, 2], [3, 2], [2, 2]] },
  ])('Concat of three parts along axis $axis', async ({ axis, shapes }) => {
    const parts = shapes.map((shape, index) => randomTensor(shape, index));
    await expectGradients(parts, (...values) => concatenate([values[0]!, ...values.slice(1)], axis));
  });

  it('Concat of a value with itself', async () => {
    await expectGradients([x, randomTensor([2, 1, 4], 2)], (a, b) => concatenate([a, b, a], 1));
  });

  it('Concat of parts of which one is constant', async () => {
    await expectGradients([x], (value) => concatenate([value.graph.constant(randomTensor([2, 2, 4], 2)), value], 1));
  });

  it.each([
    { title: 'zeros on all sides', pads: [0, 1, 2, 1, 0, 3], value: 0 },
    { title: 'another number', pads: [1, 0, 0, 0, 2, 0], value: 5 },
    { title: 'crops', pads: [0, -1, 0, -1, 0, -2], value: 0 },
    { title: 'crops and zeros', pads: [0, -2, 1, 0, 3, -1], value: 0 },
  ])('Pad: $title', async ({ pads, value }) => {
    await expectGradients([x], (input) => pad(input, pads, value));
  });

  it.each([
    { from: [2, 1], to: [2, 3] },
    { from: [1, 2], to: [3, 2] },
    { from: [2], to: [3, 2] },
    { from: [], to: [2, 2] },
    { from: [2, 1, 2], to: [3, 1, 4, 2] },
  ])('Expand from $from to $to', async ({ from, to }) => {
    await expectGradients([randomTensor(from, 1)], (value) => expand(value, to));
  });
});
