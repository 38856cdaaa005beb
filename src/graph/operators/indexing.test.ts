import { describe, expect, it } from 'vitest';
import { compute, evaluate, floatInputs } from '../../../test/support/numeric.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import { Graph } from '../graph.js';
import { reverse, scatterAdd, slice, slicedRange } from './index.js';

const five = floatTensor([0, 1, 2, 3, 4], [5]);

/** Every combination of bounds and steps that reaches over both ends of an axis of five. */
const combinations = [-3, -2, -1, 1, 2, 3].flatMap((step) =>
  [-7, -5, -4, -1, 0, 1, 4, 5, 9].flatMap((start) => [-7, -6, -5, -1, 0, 2, 4, 5, 9].map((end) => ({ start, end, step }))),
);

describe('slice', () => {
  it.each([
    { range: { start: 1, end: 3 }, taken: [1, 2] },
    { range: { start: 0, end: 5, step: 2 }, taken: [0, 2, 4] },
    { range: { start: 1, end: 5, step: 3 }, taken: [1, 4] },
    { range: { start: -2, end: 9 }, taken: [3, 4] },
    { range: { start: -9, end: -3 }, taken: [0, 1] },
    { range: { start: 4, end: 1, step: -1 }, taken: [4, 3, 2] },
    { range: { start: 9, end: -Infinity, step: -2 }, taken: [4, 2, 0] },
    { range: { start: -2, end: 0, step: -2 }, taken: [3, 1] },
  ])('$range of 0..4', async ({ range, taken }) => {
    expect(await compute([five], (x) => slice(x, [{ axis: 0, ...range }]))).toEqual(taken);
  });

  it('takes ranges of several axes', async () => {
    const nine = floatTensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
    const ranges = [
      { axis: -1, start: 0, end: 3, step: 2 },
      { axis: 0, start: 1, end: 3 },
    ];
    expect(await compute([nine], (x) => slice(x, ranges))).toEqual([4, 6, 7, 9]);
  });

  it('refuses an empty range, naming it', () => {
    const [x] = floatInputs([2, 5]);
    expect(() => x.graph.scope('crop', () => slice(x, [{ axis: 1, start: 3, end: 3 }]))).toThrow(
      'crop/Slice: slice 3:3:1 of axis 1 of [2, 5] is empty',
    );
    expect(() => slice(x, [{ axis: 2, start: 0, end: 1 }])).toThrow('Slice: there is no axis 2 among 2');
  });
});

describe('slicedRange', () => {
  it('agrees with ONNX Runtime for all bounds and steps', async () => {
    const graph = new Graph();
    const x = graph.constant(five);
    const inferred: Record<string, { first: number | undefined; shape: number[] }> = {};
    for (const { start, end, step } of combinations) {
      const { first, count } = slicedRange(5, start, end, step);
      const shape = [Math.max(0, count)];
      const inputs = [x, ...[start, end, 0, step].map((value) => graph.integers([value]))];
      const node = { name: 'Slice', operator: 'Slice', domain: '', inputs, attributes: {} };
      const title = `${start}:${end}:${step}`;
      graph.output(title, graph.append(node, [{ type: 'float32', shape }])[0]);
      inferred[title] = { first: count > 0 ? first : undefined, shape };
    }
    const results = Object.entries(await evaluate(graph));
    expect(Object.fromEntries(results.map(([title, { data, shape }]) => [title, { first: data[0], shape }]))).toEqual(inferred);
    expect(results).toHaveLength(combinations.length);
  });
});

describe('reverse', () => {
  it('reverses the order along each axis named', async () => {
    const six = floatTensor([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(await compute([six], (x) => reverse(x, [1]))).toEqual([3, 2, 1, 6, 5, 4]);
    expect(await compute([six], (x) => reverse(x, [0, 1]))).toEqual([6, 5, 4, 3, 2, 1]);
  });
});

describe('scatterAdd', () => {
  it('adds updates, also several to one place', async () => {
    const indices: HostTensor = { type: 'int64', data: BigInt64Array.of(3n, 0n, 3n), shape: [3] };
    const updates = floatTensor([10, 20, 30], [3]);
    expect(await compute([five, indices, updates], (x, at, values) => scatterAdd(x, at, values))).toEqual([20, 1, 2, 43, 4]);
  });
});
