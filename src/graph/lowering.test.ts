import { describe, expect, it } from 'vitest';
import { compute, evaluate, randomTensor } from '../../test/support/numeric.js';
import { operatorsOf } from '../../test/support/rewriting.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from './capabilities.js';
import type { Value } from './graph.js';
import { Graph } from './graph.js';
import { lowered } from './lowering.js';
import { localResponseNorm, logSoftmax, matrixProduct, relu, sign } from './operators/index.js';

interface Case {
  readonly operator: string;
  readonly inputs: readonly HostTensor<'float32'>[];
  readonly build: (...values: Value[]) => Value;
}

const cases: Case[] = [
  {
    operator: 'FusedMatMul',
    inputs: [randomTensor([2, 3, 4], 1), randomTensor([2, 5, 4], 2)],
    build: (a, b) => matrixProduct(a, b, { transposeB: true }),
  },
  {
    operator: 'FusedMatMul',
    inputs: [randomTensor([2, 2, 4, 3], 1), randomTensor([4, 5], 2)],
    build: (a, b) => matrixProduct(a, b, { transposeA: true }),
  },
  { operator: 'LogSoftmax', inputs: [floatTensor([1, 2, 3, 500, 0, -500], [2, 3])], build: (x) => logSoftmax(x) },
  {
    operator: 'LRN',
    inputs: [randomTensor([2, 7, 2, 3], 1, -2, 2)],
    build: (x) => localResponseNorm(x, { size: 5, alpha: 2, beta: 0.6, bias: 1.5 }),
  },
  { operator: 'Sign', inputs: [floatTensor([-3, -0, 0, 0.5], [4])], build: (x) => sign(x) },
];

function graphOf({ inputs, build }: Case): Graph {
  const graph = new Graph();
  graph.output('y', build(...inputs.map((tensor, index) => graph.input(`x${index}`, 'float32', tensor.shape))));
  return graph;
}

describe('operators that a provider lacks', () => {
  it.each(cases)('$operator is made of others, with the same result', async (example) => {
    const graph = lowered(graphOf(example), COMMON_CAPABILITIES);
    expect(operatorsOf(graph)).not.toContain(example.operator);
    const { y } = await evaluate(graph, Object.fromEntries(example.inputs.map((tensor, index) => [`x${index}`, tensor])));
    const expected = await compute(example.inputs, example.build);
    expect(y!.data.length).toBe(expected.length);
    expected.forEach((value, index) => expect((y!.data as Float32Array)[index]).toBeCloseTo(value, 5));
  });

  it.each(cases)('$operator stays where it is to be had', (example) => {
    const graph = graphOf(example);
    expect(lowered(graph, PROCESSOR_CAPABILITIES)).toBe(graph);
  });

  it('alone are replaced', () => {
    const graph = new Graph();
    graph.output('y', relu(logSoftmax(graph.input('x', 'float32', [2, 3]))));
    const operators = new Set(['FusedMatMul', 'LRN', 'Sign'] as const);
    expect(operatorsOf(lowered(graph, { ...COMMON_CAPABILITIES, operators }))).toEqual([
      ...['ReduceMax', 'Sub', 'Exp', 'ReduceSum', 'Log', 'Sub'],
      'Relu',
    ]);
    expect(operatorsOf(lowered(graph, { ...COMMON_CAPABILITIES, operators: new Set(['LogSoftmax']) }))).toEqual(['LogSoftmax', 'Relu']);
  });
});
