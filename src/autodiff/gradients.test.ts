import { describe, expect, it } from 'vitest';
import { differentiate, evaluate, floatInputs } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { liveNodes } from '../graph/live-nodes.js';
import {
  add,
  cast,
  convolution,
  exponential,
  greater,
  multiply,
  reduceSum,
  relu,
  sign,
  subtract,
  where,
} from '../graph/operators/index.js';
import { gradients } from './gradients.js';

const pair = floatTensor([2, 3], [2]);

describe('gradients', () => {
  it('follows the chain rule', async () => {
    // d/dx Σ (x² + 1)² = 4x (x² + 1)
    const [dx] = await differentiate([pair], (x) => {
      const inner = add(multiply(x, x), 1);
      return reduceSum(multiply(inner, inner));
    });
    expect(dx).toEqual([40, 120]);
  });

  it('adds up what comes back along several ways', async () => {
    // Σ (x · y + x + x) − x: dx = y + 2 − 1, dy = x
    const [dx, dy] = await differentiate([pair, floatTensor([10, 20], [2])], (x, y) =>
      reduceSum(subtract(add(add(multiply(x, y), x), x), x)),
    );
    expect(dx).toEqual([11, 21]);
    expect(dy).toEqual([2, 3]);
  });

  it('gives gradients in the order of the sources, also of values between and of the loss itself', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const square = multiply(x, x);
    const loss = reduceSum(multiply(square, 5));
    gradients(loss, [loss, square, x]).forEach((gradient, index) => graph.output(`d${index}`, gradient));
    const { d0, d1, d2 } = await evaluate(graph, { x: pair });
    expect(d0!.data).toEqual(Float32Array.of(1));
    expect(d1!.data).toEqual(Float32Array.of(5, 5));
    expect(d2!.data).toEqual(Float32Array.of(20, 30));
  });

  it('multiplies all gradients by the seed', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const rate = graph.input('rate', 'float32', []);
    const [dx] = gradients(reduceSum(multiply(x, x)), [x], { seed: rate });
    graph.output('dx', dx!);
    const results = await evaluate(graph, { x: pair, rate: floatTensor([0.25], []) });
    expect(results['dx']!.data).toEqual(Float32Array.of(1, 1.5));
  });

  it('ignores what does not lead to the loss, and constants', async () => {
    const [dx] = await differentiate([pair], (x) => {
      const loss = reduceSum(multiply(x, x.graph.constant(floatTensor([7, 9], [2]))));
      exponential(multiply(loss, x));
      return loss;
    });
    expect(dx).toEqual([7, 9]);
  });

  it('takes a condition as constant', async () => {
    const [dx] = await differentiate([pair], (x) => reduceSum(where(greater(x, 2.5), multiply(x, 10), x)));
    expect(dx).toEqual([1, 10]);
  });

  it('builds nothing for operands that are no source', () => {
    const [x, kernel] = floatInputs([1, 1, 4, 4], [1, 1, 2, 2]);
    const { graph } = x;
    const [dx] = gradients(reduceSum(convolution(x, kernel)), [x]);
    graph.output('dx', dx!);
    const operators = graph.nodes.map((node) => node.operator);
    // All that was built for dx is needed for it; only the loss itself is not.
    expect(['Conv', 'ReduceSum', ...liveNodes(graph).map((node) => node.operator)]).toEqual(operators);
    expect(operators).not.toContain('FusedMatMul');
  });

  it('names its nodes after the node that they belong to', () => {
    const [x] = floatInputs([2]);
    const loss = reduceSum(x.graph.scope('dense1', () => relu(x)));
    gradients(loss, [x]);
    const names = x.graph.nodes.map((node) => node.name);
    expect(names).toContain('gradient of dense1/Relu/Mul');
    expect(names.slice(2).every((name) => name.startsWith('gradient of '))).toBe(true);
  });

  it('refuses a loss that is no scalar', () => {
    const [x] = floatInputs([2, 1]);
    expect(() => gradients(relu(x), [x])).toThrow(new ShapeError('gradients: the loss must be a scalar, got [2, 1]'));
  });

  it('refuses a seed that is no scalar', () => {
    const [x, seed] = floatInputs([2], [2]);
    expect(() => gradients(reduceSum(x), [x], { seed })).toThrow('gradients: the seed must be a scalar, got [2]');
  });

  it('refuses a source that the loss does not depend on', () => {
    const [x, unused] = floatInputs([2], [3]);
    relu(unused);
    expect(() => gradients(reduceSum(x), [x, unused])).toThrow('gradients: the loss does not depend on "x1"');
  });

  it('refuses operators without a rule, naming the node', () => {
    const [x] = floatInputs([2]);
    const loss = reduceSum(x.graph.scope('quantise', () => sign(x)));
    expect(() => gradients(loss, [x])).toThrow('quantise/Sign: there is no gradient rule for operator "Sign"');
    const integers = cast(cast(x, 'int32'), 'float32');
    expect(() => gradients(reduceSum(integers), [x])).toThrow('there is no gradient rule for operator "Cast"');
  });
});
