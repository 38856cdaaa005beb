import { fromBinary } from '@bufbuild/protobuf';
import type { ValueInfoProto } from 'onnx-buf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import { Session } from '../runtime/session.node.js';
import { Graph } from './graph.js';
import { add, cast, flatten, leakyRelu, matrixProduct, maxPool, multiply, relu } from './operators/index.js';
import type { SerialiseOptions } from './serialise.js';
import { liveNodes } from './live-nodes.js';
import { serialise } from './serialise.js';

/** The graph as a reader of the file sees it. */
function written(graph: Graph, options?: SerialiseOptions) {
  const model = fromBinary(ModelProtoSchema, serialise(graph, options));
  return { model, ...model.graph! };
}

/** The axes of an input or output, as the file gives them: lengths or names. */
function dimensions({ type }: ValueInfoProto) {
  return type?.value.case === 'tensorType' ? type.value.value.shape?.dim.map(({ value }) => value.value) : undefined;
}

function integer(value: number) {
  return { type: 'int64', data: BigInt64Array.of(BigInt(value)), shape: [1] } as const;
}

describe('serialise', () => {
  const x = floatTensor([1, -2], [2]);

  it('leaves out nodes and constants that no output depends on', async () => {
    const graph = new Graph();
    const value = graph.input('x', 'float32', [2]);
    const dead = multiply(value, 3);
    const alive = add(value, 5);
    relu(alive);
    add(dead, alive);
    graph.output('y', alive);
    expect(liveNodes(graph).map((node) => node.operator)).toEqual(['Add']);
    const { node, initializer } = written(graph);
    expect(node.map(({ opType }) => opType)).toEqual(['Add']);
    expect(initializer.map(({ name }) => name)).toEqual(['scalar_5']);
    expect((await evaluate(graph, { x }))['y']!.data).toEqual(Float32Array.of(6, 3));
  });

  it('gives outputs the names asked for, also where their value is used further', async () => {
    const graph = new Graph();
    const hidden = relu(graph.input('x', 'float32', [2]));
    graph.output('features', hidden);
    graph.output('scores', add(hidden, 1));
    const { features, scores } = await evaluate(graph, { x });
    expect(features!.data).toEqual(Float32Array.of(1, 0));
    expect(scores!.data).toEqual(Float32Array.of(2, 1));
    expect(written(graph).node.map(({ output }) => output)).toEqual([['features'], ['scores']]);
  });

  it('gives out inputs, constants, and one value under two names', async () => {
    const graph = new Graph();
    const value = graph.input('x', 'float32', [2]);
    const y = relu(value);
    graph.output('same', value);
    graph.output('constant out', graph.constant(floatTensor([7], [1])));
    graph.output('first', y);
    graph.output('second', y);
    const results = await evaluate(graph, { x });
    expect(Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]))).toEqual({
      same: [1, -2],
      'constant out': [7],
      first: [1, 0],
      second: [1, 0],
    });
  });

  it('lists the second output of a node only where it is used', async () => {
    const picture = floatTensor([1, 4, 3, 2], [1, 1, 2, 2]);
    const pooled = () => {
      const graph = new Graph();
      const value = graph.input('x', 'float32', [1, 1, 2, 2]);
      return { graph, pool: graph.apply('MaxPool', [value], { kernel_shape: [2, 2] }) };
    };

    const unused = pooled();
    cast(unused.pool[1]!, 'float32');
    unused.graph.output('y', unused.pool[0]);
    expect(written(unused.graph).node[0]!.output).toEqual(['y']);

    const asOutput = pooled();
    asOutput.graph.output('positions', asOutput.pool[1]!);
    expect(written(asOutput.graph).node[0]!.output).toHaveLength(2);
    expect((await evaluate(asOutput.graph, { x: picture }))['positions']!.data).toEqual(BigInt64Array.of(1n));

    const asInput = pooled();
    asInput.graph.output('y', cast(asInput.pool[1]!, 'float32'));
    expect((await evaluate(asInput.graph, { x: picture }))['y']!.data).toEqual(Float32Array.of(1));
  });

  it('leaves absent inputs between others empty', async () => {
    const graph = new Graph();
    const value = graph.input('x', 'float32', [2]);
    graph.output('y', graph.apply('Pad', [value, graph.integers([1, 0]), undefined, graph.constant(integer(0))])[0]);
    expect(written(graph).node[0]!.input[2]).toBe('');
    expect((await evaluate(graph, { x }))['y']!.data).toEqual(Float32Array.of(0, 1, -2));
  });

  it('writes attributes of every kind', async () => {
    const graph = new Graph();
    const value = graph.input('x', 'float32', [2]);
    graph.output('leaky', leakyRelu(value, 0.5));
    const picture = graph.constant(floatTensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]));
    const attributes = { kernel_shape: [3, 2], strides: [1, 1], ceil_mode: 0, auto_pad: 'NOTSET' };
    graph.output('pooled', graph.apply('MaxPool', [picture], attributes)[0]);
    const { leaky, pooled } = await evaluate(graph, { x });
    expect(leaky!.data).toEqual(Float32Array.of(1, -1));
    expect(pooled!.data).toEqual(Float32Array.of(8, 9));
    const strings = written(graph).node.flatMap(({ attribute }) => attribute.filter(({ name }) => name === 'auto_pad'));
    expect(strings.map(({ s }) => new TextDecoder().decode(s))).toEqual(['NOTSET']);
  });

  it('writes constants that are views of a larger buffer', async () => {
    const graph = new Graph();
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    graph.output('y', add(graph.input('x', 'float32', [2]), graph.constant(floatTensor(view, [2]))));
    expect((await evaluate(graph, { x }))['y']!.data).toEqual(Float32Array.of(2, 0));
  });

  it('stores metadata and says who made the file', () => {
    const graph = new Graph();
    graph.output('y', relu(graph.input('x', 'float32', [2])));
    const { model } = written(graph, { metadata: { bands: '["0-2"]', 'input size': '227' } });
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['bands', '["0-2"]'],
      ['input size', '227'],
    ]);
    expect(model.producerName).toBe('ageband');
  });

  it('names the batch axis, so that the file takes any batch size', async () => {
    const graph = new Graph();
    const images = graph.input('images', 'float32', [2, 1, 2, 2]);
    const weights = graph.constant(floatTensor([1, 10], [2, 1]));
    graph.output('logits', matrixProduct(flatten(maxPool(images, { kernel: [2, 1] })), weights));
    const { input, output } = written(graph, { batchAxis: 'N' });
    expect([...input, ...output].map(dimensions)).toEqual([
      ['N', 1n, 2n, 2n],
      ['N', 1n],
    ]);
    const session = await Session.create(serialise(graph, { batchAxis: 'N' }), { threads: 1 });
    for (const batch of [1, 2, 3]) {
      const pixels = Float32Array.from({ length: 4 * batch }, (_, index) => index);
      const { logits } = await session.run({ images: floatTensor(pixels, [batch, 1, 2, 2]) });
      // The larger of each column of picture i: 4i + 2 and 4i + 3.
      const expected = Array.from({ length: batch }, (_, i) => 4 * i + 2 + 10 * (4 * i + 3));
      expect(logits).toMatchObject({ data: Float32Array.from(expected), shape: [batch, 1] });
    }
    await session.dispose();

    const fixed = await Session.create(serialise(graph), { threads: 1 });
    await expect(fixed.run({ images: floatTensor(new Float32Array(4), [1, 1, 2, 2]) })).rejects.toThrow('ONNX Runtime failed');
    await fixed.dispose();
  });
});
