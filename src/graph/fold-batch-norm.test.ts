import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { differenceOf, operatorsOf, rewritten } from '../../test/support/rewriting.js';
import type { BatchNormFold } from './fold-batch-norm.js';
import { foldBatchNorm, foldingBatchNorm, unfolded } from './fold-batch-norm.js';
import type { Node, Value } from './graph.js';
import { Graph } from './graph.js';
import { liveNodes } from './live-nodes.js';
import { add, batchNorm, convolution, globalAveragePool, relu } from './operators/index.js';
import type { ConvolutionOptions } from './operators/index.js';
import { rewrite } from './rewrite.js';

describe('foldBatchNorm', () => {
  const x = randomTensor([2, 3, 6, 6], 3);
  const kernel = randomTensor([4, 3, 3, 3], 4);
  const bias = randomTensor([4], 5);

  /** Batch normalisation with constant statistics far from the identity. */
  function norm(value: Value): Value {
    const { graph, shape } = value;
    const channels = [shape[1]!];
    const statistic = (key: number, low: number, high: number): Value =>
      graph.constant(randomTensor(channels, key, low, high));
    const [gamma, beta] = [statistic(6, 0.5, 2), statistic(7, -1, 1)];
    const [mean, variance] = [statistic(8, -1, 1), statistic(9, 0.1, 3)];
    return batchNorm(value, { gamma, beta, mean, variance }, 1e-3);
  }

  function conv(value: Value, options: ConvolutionOptions & { plain?: boolean } = {}): Value {
    const { graph } = value;
    return convolution(value, graph.constant(kernel), options.plain ? undefined : graph.constant(bias), options);
  }

  function depthwise(value: Value): Value {
    return convolution(value, value.graph.constant(randomTensor([3, 1, 3, 3], 10)), undefined, { groups: 3 });
  }

  const folds: [string, (value: Value) => Value][] = [
    ['that follows', (value) => conv(norm(value))],
    ['that follows without a bias', (value) => conv(norm(value), { plain: true })],
    ['that follows with strides and dilations', (value) => conv(norm(value), { strides: [2, 1], dilations: [1, 2] })],
    ['that precedes', (value) => norm(conv(value))],
    ['that precedes without a bias', (value) => norm(conv(value, { plain: true }))],
    ['that precedes in groups', (value) => norm(depthwise(value))],
    ['that precedes with padding', (value) => norm(conv(value, { pads: [1, 1, 1, 1], strides: [2, 2] }))],
  ];
  it.each(folds)('goes into a convolution %s, with the same numbers', async (_name, build) => {
    const pair = rewritten(x, foldBatchNorm, build);
    expect(operatorsOf(pair.after)).toEqual(['Conv']);
    expect(await differenceOf(pair)).toBeLessThan(1e-5);
  });

  it.each(folds)('comes out again of a convolution %s', (_name, build) => {
    const notes: BatchNormFold[] = [];
    rewritten(x, foldingBatchNorm((fold) => notes.push(fold)), build);
    const [{ conv, kernel: after, bias: afterBias, statistics, side }] = notes as [BatchNormFold];
    const floats = (value: Value): Float32Array => value.constant!.data as Float32Array;
    expect(notes).toHaveLength(1);
    const folded = { kernel: { type: 'float32', data: floats(after), shape: after.shape } as const, bias: floats(afterBias) };
    const before = unfolded(folded, statistics, side);
    expect(before.kernel.shape).toEqual(conv.inputs[1]!.shape);
    before.kernel.data.forEach((weight, i) => expect(weight).toBeCloseTo(floats(conv.inputs[1]!)[i]!, 5));
    before.bias.forEach((value, i) => expect(value).toBeCloseTo(conv.inputs[2] ? floats(conv.inputs[2])[i]! : 0, 4));
  });

  it('that scales a channel by 0 leaves nothing of its weights', () => {
    const one = { type: 'float32', data: Float32Array.of(6, 8), shape: [2, 1, 1, 1] } as const;
    const [gamma, beta, mean, variance] = [[0, 4], [1, 2], [5, 1], [1, 4]].map((values) => Float32Array.from(values));
    const statistics = { gamma: gamma!, beta: beta!, mean: mean!, variance: variance!, epsilon: 0 };
    // Scales are 0 and 2, shifts 1 and 0.
    const { kernel: before, bias: biasBefore } = unfolded({ kernel: one, bias: Float32Array.of(1, 6) }, statistics, 'output');
    expect([...before.data, ...biasBefore]).toEqual([0, 4, 0, 3]);
  });

  it('between two convolutions goes into one of them', async () => {
    const wide = randomTensor([2, 4, 3, 3], 11);
    const pair = rewritten(x, foldBatchNorm, (value) => {
      const middle = norm(conv(value));
      return convolution(middle, value.graph.constant(wide));
    });
    expect(operatorsOf(pair.after)).toEqual(['Conv', 'Conv']);
    expect(await differenceOf(pair)).toBeLessThan(1e-5);
  });

  it('on both sides of a convolution keeps the numbers', async () => {
    const pair = rewritten(x, foldBatchNorm, (value) => norm(conv(norm(value))));
    expect(await differenceOf(pair)).toBeLessThan(1e-5);
  });

  const keeps: [string, (value: Value) => Value][] = [
    // Zeros around the normalised picture are not the zeros around the picture.
    ['before a convolution that pads', (value) => conv(norm(value), { pads: [1, 1, 1, 1] })],
    ['before a convolution of groups', (value) => depthwise(norm(value))],
    [
      'and is needed besides the convolution after it',
      (value) => {
        const normalised = norm(value);
        return add(globalAveragePool(conv(normalised)), globalAveragePool(conv(relu(normalised))));
      },
    ],
    [
      'after a convolution that is needed besides',
      (value) => {
        const convolved = conv(value);
        return add(norm(convolved), relu(convolved));
      },
    ],
    ['after another operator', (value) => norm(relu(conv(value)))],
  ];
  it.each(keeps)('stays where it stands %s', async (_name, build) => {
    const pair = rewritten(x, foldBatchNorm, build);
    expect(operatorsOf(pair.after)).toEqual(operatorsOf(pair.before));
    expect(await differenceOf(pair)).toBe(0);
  });

  it('stays when its statistics, or the weights of the convolution, are inputs', () => {
    const graph = new Graph();
    const value = graph.input('x', 'float32', x.shape);
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((name) =>
      graph.input(name, 'float32', [3]),
    ) as [Value, Value, Value, Value];
    graph.output('given statistics', conv(batchNorm(value, { gamma, beta, mean, variance }, 1e-3)));
    graph.output('given kernel', convolution(norm(value), graph.input('kernel', 'float32', [4, 3, 3, 3])));
    const operators = (nodes: readonly Node[]): string[] => nodes.map((node) => node.operator);
    expect(operators(liveNodes(rewrite(graph, [foldBatchNorm]).graph))).toEqual(operators(graph.nodes));
  });
});
