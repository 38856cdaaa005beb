import { describe, expect, it } from 'vitest';
import {
  differentiate,
  distinctTensor,
  expectGradients,
  floatInputs,
  randomTensor,
  tensorAwayFromZero,
} from '../../../test/support/numeric.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import type { Value } from '../../graph/graph.js';
import {
  absolute,
  add,
  divide,
  exponential,
  hyperbolicTangent,
  leakyRelu,
  logarithm,
  maximum,
  minimum,
  multiply,
  negate,
  power,
  reduceSum,
  relu,
  sigmoid,
  squareRoot,
  subtract,
  where,
} from '../../graph/operators/index.js';
import { gradients } from '../gradients.js';

const anywhere = randomTensor([2, 3], 1, -2, 2);
const positive = randomTensor([2, 3], 1, 0.5, 2);
const awayFromZero = tensorAwayFromZero([2, 3], 1);

describe('gradients of operators of one operand', () => {
  const unary: [string, (x: Value) => Value, HostTensor<'float32'>][] = [
    ['Neg', negate, anywhere],
    ['Abs', absolute, awayFromZero],
    ['Sqrt', squareRoot, positive],
    ['Exp', exponential, anywhere],
    ['Log', logarithm, positive],
    ['Sigmoid', sigmoid, anywhere],
    ['Tanh', hyperbolicTangent, anywhere],
    ['Relu', relu, awayFromZero],
    ['LeakyRelu', (x) => leakyRelu(x, 0.3), awayFromZero],
    ['LeakyRelu with negative slope', (x) => leakyRelu(x, -0.5), awayFromZero],
    ['Identity', (x) => x.graph.apply('Identity', [x])[0], anywhere],
  ];
  it.each(unary)('%s', async (_, build, x) => {
    await expectGradients([x], build);
  });

  it('vanish for Relu at zero', async () => {
    const x = floatTensor([-1, 0, 2], [3]);
    expect(await differentiate([x], (value) => reduceSum(relu(value)))).toEqual([[0, 0, 1]]);
  });
});

describe('gradients of operators of two operands', () => {
  /** Shapes of both operands: each is stretched in turn, along leading, middle and last axes, and a scalar. */
  const shapes: [number[], number[]][] = [
    [[2, 3], [2, 3]],
    [[2, 3], [3]],
    [[1, 3], [2, 2, 1]],
    [[2, 1, 2], [3, 1]],
    [[], [2, 2]],
    [[2, 2], []],
    [[1], [1, 2]],
  ];
  const binary: [string, (a: Value, b: Value) => Value][] = [
    ['Add', add],
    ['Sub', subtract],
    ['Mul', multiply],
    ['Div', divide],
  ];
  const cases = binary.flatMap(([name, build]) => shapes.map(([a, b]) => ({ name, build, a, b })));
  it.each(cases)('$name of $a and $b', async ({ build, a, b }) => {
    await expectGradients([randomTensor(a, 1), randomTensor(b, 2, 0.5, 2)], build);
  });

  // Operands with different tenths and hundredths: none are equal, and a small step makes none equal.
  const extrema = [maximum, minimum].flatMap((build) => shapes.map(([a, b]) => ({ name: build === maximum ? 'Max' : 'Min', build, a, b })));
  it.each(extrema)('$name of $a and $b', async ({ build, a, b }) => {
    const offset = distinctTensor(b, 2).data.map((value) => value + 0.05);
    await expectGradients([distinctTensor(a, 1), floatTensor(offset, b)], build);
  });

  it('are shared by equal operands of Max and Min', async () => {
    const a = floatTensor([1, 5, 3], [3]);
    const b = floatTensor([2, 5, 1], [3]);
    expect(await differentiate([a, b], (x, y) => reduceSum(maximum(x, y)))).toEqual([
      [0, 0.5, 1],
      [1, 0.5, 0],
    ]);
    expect(await differentiate([a, b], (x, y) => reduceSum(minimum(x, y)))).toEqual([
      [1, 0.5, 0],
      [0, 0.5, 1],
    ]);
  });

  it.each([{ base: [2, 3], exponent: [3] }, { base: [3], exponent: [2, 1] }, { base: [], exponent: [2] }])(
    'Pow of $base by constants $exponent',
    async ({ base, exponent }) => {
      const exponents = randomTensor(exponent, 2, -2, 3);
      await expectGradients([randomTensor(base, 1, 0.5, 2)], (x) => power(x, x.graph.constant(exponents)));
    },
  );

  it('Pow of a negative base', async () => {
    await expectGradients([tensorAwayFromZero([4], 1)], (x) => power(x, 3));
  });

  it('are refused for the exponent of Pow', () => {
    const [x] = floatInputs([2]);
    expect(() => gradients(reduceSum(power(x, x)), [x])).toThrow('Pow: there is no gradient rule for the exponent of Pow');
  });
});

describe('gradients of Where', () => {
  const condition: HostTensor = { type: 'bool', data: Uint8Array.of(1, 0, 0, 1, 1, 0), shape: [2, 3] };

  it.each([
    { a: [2, 3], b: [2, 3] },
    { a: [3], b: [2, 1] },
    { a: [], b: [2, 2, 1] },
  ])('with branches $a and $b', async ({ a, b }) => {
    await expectGradients([randomTensor(a, 1), randomTensor(b, 2)], (x, y) => where(x.graph.constant(condition), x, y));
  });

  it('with a condition that is stretched', async () => {
    const column: HostTensor = { type: 'bool', data: Uint8Array.of(1, 0), shape: [2, 1] };
    await expectGradients([randomTensor([2, 3], 1), randomTensor([2, 3], 2)], (x, y) => where(x.graph.constant(column), x, y));
  });
});
