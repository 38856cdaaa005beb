import { describe, expect, it } from 'vitest';
import { evaluate, randomTensor } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import type { HostTensor } from '../base/tensor.js';
import type { Node, Value } from './graph.js';
import { Graph } from './graph.js';
import { add, batchNorm, convolution, globalAveragePool, maxPool, relu } from './operators/index.js';
import type { ConvolutionOptions } from './operators/index.js';
import { foldBatchNorm, poolBeforeRelu, poolInChunks } from './rewrite-rules.js';
import type { RewriteRule } from './rewrite.js';
import { rewrite } from './rewrite.js';
import { liveNodes } from './live-nodes.js';

const operatorsOf = (graph: Graph): string[] => liveNodes(graph).map((node) => node.operator);

interface Case {
  readonly x: HostTensor;
  readonly before: Graph;
  readonly after: Graph;
}

/** A graph of one input and one output, before and after it was rewritten. */
function rewritten(x: HostTensor, rule: RewriteRule, build: (x: Value) => Value): Case {
  const before = new Graph();
  before.output('y', build(before.input('x', 'float32', x.shape)));
  return { x, before, after: rewrite(before, [rule]).graph };
}

/** Largest difference between the outputs of both graphs, relative to the largest output. */
async function differenceOf({ x, before, after }: Case): Promise<number> {
  const [old, now] = (await Promise.all([before, after].map((graph) => evaluate(graph, { x })))).map(
    (outputs) => outputs['y']!.data as Float32Array,
  ) as [Float32Array, Float32Array];
  expect(now.length).toBe(old.length);
  const scale = old.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(0);
  return old.reduce((largest, value, index) => Math.max(largest, Math.abs(value - now[index]!)), 0) / scale;
}

describe('poolBeforeRelu', () => {
  const x = randomTensor([2, 3, 9, 9], 1);
  const window = { kernel: [3, 3], strides: [2, 2] } as const;

  it('pools first, with the same numbers and a smaller ReLU', async () => {
    const pair = rewritten(x, poolBeforeRelu, (value) => maxPool(relu(value), window));
    expect(operatorsOf(pair.before)).toEqual(['Relu', 'MaxPool']);
    expect(operatorsOf(pair.after)).toEqual(['MaxPool', 'Relu']);
    expect(liveNodes(pair.after)[1]!.outputs[0]!.shape).toEqual([2, 3, 4, 4]);
    expect(await differenceOf(pair)).toBe(0);
  });

  it('holds with padding, which never counts as a maximum', async () => {
    const negative = floatTensor(randomTensor([1, 2, 5, 5], 2, -2, -1).data, [1, 2, 5, 5]);
    negative.data[7] = 0.5;
    const padded = { ...window, pads: [1, 1, 1, 1] } as const;
    const pair = rewritten(negative, poolBeforeRelu, (value) => maxPool(relu(value), padded));
    expect(operatorsOf(pair.after)).toEqual(['MaxPool', 'Relu']);
    expect(await differenceOf(pair)).toBe(0);
  });

  it('keeps the pooling under the name of its layer', () => {
    const { after } = rewritten(x, poolBeforeRelu, (value) =>
      value.graph.scope('pool1', () => maxPool(relu(value), window)),
    );
    expect(liveNodes(after)[0]!.name).toMatch(/^pool1\//);
  });

  it('leaves a ReLU alone whose whole output is needed', () => {
    const shared = (value: Value): Value => {
      const active = relu(value);
      return add(globalAveragePool(active), globalAveragePool(maxPool(active, window)));
    };
    const { before, after } = rewritten(x, poolBeforeRelu, shared);
    expect(operatorsOf(after)).toEqual(operatorsOf(before));
  });

  it('leaves a pooling alone whose positions are needed', () => {
    const graph = new Graph();
    const pooled = maxPool(relu(graph.input('x', 'float32', x.shape)), window);
    graph.output('y', pooled);
    graph.output('positions', pooled.producer!.outputs[1]!);
    expect(operatorsOf(rewrite(graph, [poolBeforeRelu]).graph)).toEqual(['Relu', 'MaxPool']);
  });
});

describe('poolInChunks', () => {
  // The convolution makes 11.5 MB per picture.
  const size = 214;
  const conv = (value: Value): Value => {
    const { graph } = value;
    return convolution(value, graph.constant(randomTensor([64, 1, 3, 3], 20)), graph.constant(randomTensor([64], 21)));
  };
  const pool = (value: Value): Value => maxPool(value, { kernel: [3, 3], strides: [30, 30] });

  it('splits a batch evenly where the map between convolution and pooling is large', async () => {
    const pair = rewritten(randomTensor([5, 1, size, size], 22), poolInChunks, (value) => pool(conv(value)));
    const nodes = liveNodes(pair.after);
    expect(nodes.map(({ operator }) => operator)).toEqual(['Split', 'Conv', 'MaxPool', 'Conv', 'MaxPool', 'Concat']);
    expect(nodes[0]!.outputs.map(({ shape }) => shape[0])).toEqual([2, 3]);
    expect(await differenceOf(pair)).toBeLessThan(1e-6);
  });

  it('splits it into no more parts than there are pictures', () => {
    const wide = rewritten(randomTensor([1, 1, 3 * size, 2 * size], 23), poolInChunks, (value) => pool(conv(value)));
    expect(operatorsOf(wide.after)).toEqual(['Conv', 'MaxPool']);
  });

  const kept: [string, number, (value: Value) => Value][] = [
    ['where the map is small', 4, (value) => pool(conv(value))],
    [
      'where the map is needed besides',
      5,
      (value) => {
        const convolved = conv(value);
        return add(globalAveragePool(convolved), globalAveragePool(pool(convolved)));
      },
    ],
  ];
  it.each(kept)('leaves the batch whole %s', (_name, batch, build) => {
    const { before, after } = rewritten(floatTensor(new Float32Array(batch * size ** 2), [batch, 1, size, size]), poolInChunks, build);
    expect(operatorsOf(after)).toEqual(operatorsOf(before));
  });
});

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
