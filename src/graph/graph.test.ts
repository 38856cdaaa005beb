import { describe, expect, it } from 'vitest';
import { evaluate } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from './graph.js';
import { add, multiply, relu } from './operators/index.js';

describe('Graph', () => {
  it('keeps inputs, nodes in order and outputs, with types and shapes', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2, 3]);
    const y = relu(add(x, 1));
    graph.output('y', y);
    expect(graph.inputs).toEqual([x]);
    expect(graph.nodes.map((node) => node.operator)).toEqual(['Add', 'Relu']);
    expect(graph.outputs).toEqual(new Map([['y', y]]));
    expect(y).toMatchObject({ graph, type: 'float32', shape: [2, 3], producer: graph.nodes[1], constant: undefined });
  });

  it('names nodes after their scopes, and numbers repeated names', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    graph.scope('block1', () => graph.scope('conv', () => relu(relu(x))));
    relu(x);
    expect(graph.nodes.map((node) => node.name)).toEqual(['block1/conv/Relu', 'block1/conv/Relu_2', 'Relu']);
    expect(new Set(graph.nodes.flatMap((node) => node.outputs.map((value) => value.name))).size).toBe(3);
  });

  it('leaves a scope when building fails', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    const fail = (): never => {
      throw new Error('failed');
    };
    expect(() => graph.scope('lost', fail)).toThrow('failed');
    relu(x);
    expect(graph.nodes[0]!.name).toBe('Relu');
  });

  it('numbers the names of constants', () => {
    const graph = new Graph();
    const tensor = floatTensor([1], [1]);
    expect(['kernel', 'kernel', undefined].map((name) => graph.constant(tensor, name).name)).toEqual([
      'kernel',
      'kernel_2',
      'constant',
    ]);
  });

  it('stores equal scalars and equal lists once', () => {
    const graph = new Graph();
    expect(graph.scalar(0.5)).toBe(graph.scalar(0.5));
    expect(graph.scalar(0.5)).not.toBe(graph.scalar(2));
    expect(graph.integers([1, 2])).toBe(graph.integers([1, 2]));
    expect(graph.integers([1, 2])).not.toBe(graph.integers([12]));
    expect(graph.integers([1])).not.toBe(graph.scalar(1));
    expect(graph.integers([-1, 2]).constant).toEqual({ type: 'int64', data: BigInt64Array.of(-1n, 2n), shape: [2] });
  });

  it('finds inputs by name', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    expect(graph.inputNamed('x')).toBe(x);
    expect(() => graph.inputNamed('y')).toThrow('graph: no input named "y"');
  });

  it('refuses names that are taken', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    graph.output('y', x);
    expect(() => graph.input('x', 'float32', [])).toThrow(new ShapeError('graph: there is already a value named "x"'));
    expect(() => graph.output('y', x)).toThrow('graph: there is already an output named "y"');
    expect(() => graph.output('x', x)).toThrow('graph: there is already a value named "x"');
    expect(() => graph.input('y', 'float32', [])).toThrow('graph: there is already a value named "y"');
  });

  it('refuses values of another graph, naming them', () => {
    const graph = new Graph();
    const other = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const stranger = other.input('stranger', 'float32', [2]);
    expect(() => graph.scope('join', () => multiply(x, stranger))).toThrow(
      'join/Mul: input "stranger" belongs to another graph',
    );
    expect(() => graph.output('y', stranger)).toThrow('graph: output "y" belongs to another graph');
  });

  it('appends nodes with the signatures given, as rewrites do', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const node = { name: 'layer/Neg', operator: 'Neg', domain: '', inputs: [x], attributes: {} };
    const [first] = graph.append(node, [{ type: 'float32', shape: [2] }]);
    const [second] = graph.append({ ...node, inputs: [first] }, [{ type: 'float32', shape: [2] }]);
    expect(graph.nodes.map(({ name }) => name)).toEqual(['layer/Neg', 'layer/Neg_2']);
    graph.output('y', first);
    graph.output('z', second);
    const { y, z } = await evaluate(graph, { x: floatTensor([1, -2], [2]) });
    expect([y!.data, z!.data]).toEqual([Float32Array.of(-1, 2), Float32Array.of(1, -2)]);
  });
});
