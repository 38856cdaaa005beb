import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { differenceOf, operatorsOf, rewritten } from '../../test/support/rewriting.js';
import { floatTensor } from '../base/tensor.js';
import type { Value } from './graph.js';
import { Graph } from './graph.js';
import { liveNodes } from './live-nodes.js';
import { add, convolution, globalAveragePool, maxPool, relu } from './operators/index.js';
import { poolBeforeRelu, poolInChunks } from './rewrite-rules.js';
import { rewrite } from './rewrite.js';

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
    const pair = rewritten(randomTensor([5, 1, size, size], 22), poolInChunks(50e6), (value) => pool(conv(value)));
    const nodes = liveNodes(pair.after);
    expect(nodes.map(({ operator }) => operator)).toEqual(['Split', 'Conv', 'MaxPool', 'Conv', 'MaxPool', 'Concat']);
    expect(nodes[0]!.outputs.map(({ shape }) => shape[0])).toEqual([2, 3]);
    expect(await differenceOf(pair)).toBeLessThan(1e-6);
  });

  it('splits it into no more parts than there are pictures', () => {
    const wide = rewritten(randomTensor([1, 1, 3 * size, 2 * size], 23), poolInChunks(50e6), (value) => pool(conv(value)));
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
    const { before, after } = rewritten(floatTensor(new Float32Array(batch * size ** 2), [batch, 1, size, size]), poolInChunks(50e6), build);
    expect(operatorsOf(after)).toEqual(operatorsOf(before));
  });
});
