import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import type { Value } from '../graph.js';
import { Graph } from '../graph.js';
import {
  absolute,
  add,
  broadcastShapes,
  cast,
  divide,
  equal,
  exponential,
  greater,
  hyperbolicTangent,
  leakyRelu,
  logarithm,
  maximum,
  minimum,
  multiply,
  negate,
  power,
  relu,
  sigmoid,
  sign,
  squareRoot,
  subtract,
  where,
} from './index.js';

function bools(...values: number[]): HostTensor<'bool'> {
  return { type: 'bool', data: Uint8Array.from(values), shape: [values.length] };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
}

describe('operators of one operand', () => {
  const unary: [string, (x: Value) => Value, number[], number[]][] = [
    ['negate', negate, [1, -2, 0.5], [-1, 2, -0.5]],
    ['absolute', absolute, [1, -2, 0], [1, 2, 0]],
    ['squareRoot', squareRoot, [0, 4, 2.25], [0, 2, 1.5]],
    ['exponential', exponential, [0, 1, -1], [1, Math.E, 1 / Math.E]],
    ['logarithm', logarithm, [1, Math.E, 0.5], [0, 1, -Math.LN2]],
    ['sigmoid', sigmoid, [0, Math.log(3), -Math.log(3)], [0.5, 0.75, 0.25]],
    ['hyperbolicTangent', hyperbolicTangent, [0, Math.log(2), -Math.log(2)], [0, 0.6, -0.6]],
    ['relu', relu, [-1, 0, 2], [0, 0, 2]],
    ['sign', sign, [-3, 0, 0.1], [-1, 0, 1]],
    ['leakyRelu', (x) => leakyRelu(x, 0.1), [-2, 0, 3], [-0.2, 0, 3]],
    ['Identity', (x) => x.graph.apply('Identity', [x])[0], [1, 2], [1, 2]],
  ];
  it.each(unary)('%s', async (_, build, x, y) => {
    expectClose(await compute([floatTensor(x, [x.length])], (value) => build(value)), y);
  });

  it('cast: truncates to integers, and makes booleans 0 and 1', async () => {
    const x = floatTensor([-1.5, 0, 2.5], [3]);
    expect(await compute([x], (value) => cast(value, 'int32'))).toEqual([-1, 0, 2]);
    expect(await compute([x], (value) => cast(value, 'int64'))).toEqual([-1, 0, 2]);
    expect(await compute([x], (value) => cast(value, 'bool'))).toEqual([1, 0, 1]);
    expect(await compute([bools(1, 0)], (value) => cast(value, 'float32'))).toEqual([1, 0]);
    expect(await compute([floatTensor([3], [1])], (value) => cast(value, 'uint8'))).toEqual([3]);
  });

  it('Not', async () => {
    expect(await compute([bools(0, 1)], (x) => x.graph.apply('Not', [x])[0])).toEqual([1, 0]);
  });
});

describe('operators of two operands', () => {
  const binary: [string, (a: Value, b: Value) => Value, number[], number[], number[]][] = [
    ['add', add, [1, 2], [10, 20], [11, 22]],
    ['subtract', subtract, [1, 2], [10, 5], [-9, -3]],
    ['multiply', multiply, [1, 2], [10, -5], [10, -10]],
    ['divide', divide, [1, 6], [4, -3], [0.25, -2]],
    ['power', power, [2, 9], [3, 0.5], [8, 3]],
    ['maximum', maximum, [1, 5], [4, -3], [4, 5]],
    ['minimum', minimum, [1, 5], [4, -3], [1, -3]],
    ['equal', equal, [1, 5], [1, 4], [1, 0]],
    ['greater', greater, [1, 5, 2], [1, 4, 3], [0, 1, 0]],
  ];
  it.each(binary)('%s', async (_, build, a, b, y) => {
    const tensors = [floatTensor(a, [a.length]), floatTensor(b, [b.length])];
    expectClose(await compute(tensors, (left, right) => build(left, right)), y);
  });

  it('And', async () => {
    const result = compute([bools(0, 0, 1, 1), bools(0, 1, 0, 1)], (a, b) => a.graph.apply('And', [a, b])[0]);
    expect(await result).toEqual([0, 0, 0, 1]);
  });

  it('stretches axes of length 1 and adds leading axes', async () => {
    const column = floatTensor([1, 2], [2, 1]);
    const row = floatTensor([10, 20, 30], [3]);
    expect(await compute([column, row], (a, b) => add(a, b))).toEqual([11, 21, 31, 12, 22, 32]);
  });

  it('takes numbers on either side', async () => {
    const x = floatTensor([1, 2], [2]);
    expect(await compute([x], (value) => subtract(value, 1))).toEqual([0, 1]);
    expect(await compute([x], (value) => subtract(1, value))).toEqual([0, -1]);
  });
});

describe('where', () => {
  it('picks element by element, with broadcasting', async () => {
    const a = floatTensor([10, 20], [2]);
    const b = floatTensor([-1, -2], [2, 1]);
    expect(await compute([bools(1, 0), a, b], (condition, x, y) => where(condition, x, y))).toEqual([10, -1, 10, -2]);
    expect(await compute([bools(1, 0), a], (condition, x) => where(condition, x, 0))).toEqual([10, 0]);
    expect(await compute([bools(1, 0), a], (condition, x) => where(condition, 0, x))).toEqual([0, 20]);
  });
});

describe('broadcastShapes', () => {
  it.each([
    { a: [2, 3], b: [3], shape: [2, 3] },
    { a: [], b: [2], shape: [2] },
    { a: [4, 1, 3], b: [5, 1], shape: [4, 5, 3] },
    { a: [1], b: [1, 1], shape: [1, 1] },
  ])('$a and $b', ({ a, b, shape }) => {
    expect(broadcastShapes('', a, b)).toEqual(shape);
    expect(broadcastShapes('', b, a)).toEqual(shape);
  });
});

describe('errors of element-wise operators', () => {
  it('names the scope and both shapes that cannot be broadcast', () => {
    const [a, b] = floatInputs([2, 3], [2]);
    expect(() => a.graph.scope('residual', () => add(a, b))).toThrow(
      'residual/Add: shapes [2, 3] and [2] cannot be broadcast',
    );
    const condition = a.graph.input('condition', 'bool', [5]);
    expect(() => where(condition, a, 0)).toThrow('Where: shapes [5] and [2, 3] cannot be broadcast');
  });

  it('refuses operands of different types', () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', [2]);
    const b = graph.input('b', 'int64', [2]);
    expect(() => multiply(a, b)).toThrow('Mul: operands are float32 and int64');
    expect(() => where(graph.input('condition', 'bool', [2]), a, b)).toThrow('Where: branches are float32 and int64');
  });

  it('refuses a condition that is not boolean', () => {
    const [x] = floatInputs([2]);
    expect(() => where(x, x, x)).toThrow('Where: the condition is float32, not bool');
  });

  it('refuses two numbers, and a cast to no type', () => {
    expect(() => add(1, 2)).toThrow('Add: at least one operand must be a value of a graph');
    const [x] = floatInputs([2]);
    expect(() => x.graph.apply('Cast', [x], { to: 99 })).toThrow('Cast: Cast to unknown type 99');
  });
});
