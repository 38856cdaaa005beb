import { beforeAll, describe, expect, it } from 'vitest';
import { DIFFERENTIABLE, gradients } from '../src/autodiff/gradients.js';
import type { HostTensor } from '../src/base/tensor.js';
import type { Capabilities } from '../src/graph/capabilities.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from '../src/graph/capabilities.js';
import type { Value } from '../src/graph/graph.js';
import { Graph } from '../src/graph/graph.js';
import { lowered } from '../src/graph/lowering.js';
import {
  absolute,
  add,
  averagePool,
  batchNorm,
  concatenate,
  convolution,
  divide,
  expand,
  exponential,
  flatten,
  gemm,
  globalAveragePool,
  greater,
  hyperbolicTangent,
  leakyRelu,
  localResponseNorm,
  logarithm,
  logSoftmax,
  matrixProduct,
  maximum,
  maxPool,
  minimum,
  multiply,
  negate,
  pad,
  power,
  reduceMax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  relu,
  reshape,
  reverse,
  sigmoid,
  slice,
  softmax,
  split,
  squareRoot,
  subtract,
  transpose,
  where,
} from '../src/graph/operators/index.js';
import { serialise } from '../src/graph/serialise.js';
import { distinctTensor, randomTensor, tensorAwayFromZero } from './support/numeric.js';
import type { ProfiledRun } from './support/profile.js';
import { fallbacks, profiledRun } from './support/profile.js';
import { WEBGPU_PROBLEM } from './support/webgpu.js';

interface Case {
  readonly inputs: readonly HostTensor<'float32'>[];
  readonly build: (...values: Value[]) => Value;
}

const anywhere = randomTensor([2, 3], 1, -2, 2);
const positive = randomTensor([2, 3], 2, 0.5, 2);
const row = randomTensor([1, 3], 3, 0.5, 2);
const kinked = tensorAwayFromZero([2, 3], 4);
const pictures = distinctTensor([2, 3, 7, 6], 5);
const kernel = randomTensor([4, 3, 3, 3], 6);
const bias = randomTensor([4], 7);
const perChannel = [8, 9, 10].map((key) => randomTensor([3], key));

const unary = (build: (x: Value) => Value, x: HostTensor<'float32'> = anywhere): Case => ({ inputs: [x], build: (value) => build(value) });
const binary = (build: (a: Value, b: Value) => Value, a = anywhere, b = row): Case => ({ inputs: [a, b], build: (x, y) => build(x, y) });

/** Named after the operator whose result and gradients they are about. */
const CASES: Readonly<Record<string, Case>> = {
  Neg: unary(negate),
  Abs: unary(absolute, kinked),
  Sqrt: unary(squareRoot, positive),
  Exp: unary(exponential),
  Log: unary(logarithm, positive),
  Sigmoid: unary(sigmoid),
  Tanh: unary(hyperbolicTangent),
  Relu: unary(relu, kinked),
  LeakyRelu: unary((x) => leakyRelu(x, 0.3), kinked),
  Identity: unary((x) => x.graph.apply('Identity', [x])[0]),
  Add: binary(add),
  Sub: binary(subtract),
  Mul: binary(multiply),
  Div: binary(divide),
  Max: binary(maximum),
  Min: binary(minimum),
  Pow: unary((x) => power(x, 2.5), positive),
  'Where, Greater': binary((a, b) => where(greater(a, b), a, multiply(b, 3))),
  'Slice with steps': unary((x) => slice(x, [{ axis: 2, start: 1, end: 6, step: 2 }, { axis: 3, start: 0, end: 4 }]), pictures),
  'Slice backwards': unary((x) => reverse(x, [2, 3]), pictures),
  Split: unary((x) => multiply(split(x, 1, [1, 2])[1]!, 2), pictures),
  Concat: unary((x) => concatenate([x, multiply(x, 2)], 1), pictures),
  'Pad, added': unary((x) => pad(x, [0, 0, 1, 2, 0, 0, 0, 1]), pictures),
  'Pad, cut off': unary((x) => pad(x, [0, 0, -1, 0, 0, 0, -1, -2]), pictures),
  Expand: unary((x) => expand(x, [4, 3]), row),
  Transpose: unary((x) => transpose(x, [1, 0, 3, 2]), pictures),
  Reshape: unary((x) => reshape(x, [6, -1]), pictures),
  Flatten: unary(flatten, pictures),
  MatMul: binary(matrixProduct, randomTensor([2, 3, 4], 11), randomTensor([4, 5], 12)),
  FusedMatMul: binary((a, b) => matrixProduct(a, b, { transposeB: true }), randomTensor([2, 3, 4], 11), randomTensor([2, 5, 4], 12)),
  Gemm: { inputs: [randomTensor([3, 4], 11), randomTensor([4, 5], 12), randomTensor([5], 13)], build: (a, b, c) => gemm(a, b, c) },
  Conv: { inputs: [pictures, kernel, bias], build: (x, k, b) => convolution(x, k, b) },
  'Conv with strides': {
    inputs: [pictures, kernel, bias],
    build: (x, k, b) => convolution(x, k, b, { strides: [2, 2], pads: [1, 1, 0, 1] }),
  },
  'Conv with dilation': binary((x, k) => convolution(x, k, undefined, { dilations: [2, 2], pads: [1, 1, 0, 1] }), pictures, kernel),
  'Conv of many channels': binary((x, k) => convolution(x, k), randomTensor([2, 17, 4, 4], 14), randomTensor([2, 17, 2, 3], 15)),
  'Conv in groups': binary((x, k) => convolution(x, k, undefined, { groups: 2 }), randomTensor([2, 4, 5, 5], 14), randomTensor([6, 2, 3, 3], 15)),
  MaxPool: unary((x) => maxPool(x, { kernel: [3, 3], strides: [2, 2] }), pictures),
  'MaxPool with padding': unary((x) => maxPool(x, { kernel: [3, 2], strides: [2, 3], pads: [1, 0, 0, 1] }), pictures),
  AveragePool: unary((x) => averagePool(x, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }), pictures),
  GlobalAveragePool: unary(globalAveragePool, pictures),
  BatchNormalization: {
    inputs: [pictures, ...perChannel, randomTensor([3], 16, 0.5, 2)],
    build: (x, gamma, beta, mean, variance) => batchNorm(x, { gamma: gamma, beta: beta, mean: mean, variance: variance }, 0.1),
  },
  LRN: unary((x) => localResponseNorm(x, { size: 5, alpha: 4, beta: 0.75, bias: 1 }), randomTensor([2, 7, 2, 1], 17)),
  Softmax: unary(softmax),
  LogSoftmax: unary(logSoftmax),
  ReduceSum: unary((x) => reduceSum(x, { axes: [0, 2] }), pictures),
  ReduceMean: unary((x) => reduceMean(x, { axes: [1], keepAxes: true }), pictures),
  ReduceMax: unary((x) => reduceMax(x, { axes: [-1] }), pictures),
  ReduceSumSquare: unary((x) => reduceSumSquare(x), pictures),
};


/** Results and gradients of all cases, in one graph: its outputs are named after the cases. */
function graphOf(capabilities: Capabilities): Graph {
  const graph = new Graph();
  for (const [name, { inputs, build }] of Object.entries(CASES)) {
    const sources = inputs.map((tensor, index) => graph.input(`${name} x${index}`, 'float32', tensor.shape));
    const y = build(...sources);
    graph.output(`${name}: result`, y);
    const loss = reduceSum(multiply(y, graph.constant(randomTensor(y.shape, 99))));
    gradients(loss, sources, { capabilities }).forEach((gradient, index) => graph.output(`${name}: gradient ${index}`, gradient));
  }
  return graph;
}

const FEEDS = Object.fromEntries(
  Object.entries(CASES).flatMap(([name, { inputs }]) => inputs.map((tensor, index) => [`${name} x${index}`, tensor] as const)),
);

it('every operator that has a gradient is in one of the cases', () => {
  const used = new Set(graphOf(PROCESSOR_CAPABILITIES).nodes.map(({ operator }) => operator));
  expect(DIFFERENTIABLE.filter((operator) => !used.has(operator))).toEqual([]);
});

describe.skipIf(WEBGPU_PROBLEM !== undefined)(`on WebGPU${WEBGPU_PROBLEM === undefined ? '' : ` (skipped: ${WEBGPU_PROBLEM})`}`, () => {
  let expected: Record<string, HostTensor>;
  let run: ProfiledRun;
  beforeAll(async () => {
    expected = (await profiledRun(serialise(graphOf(PROCESSOR_CAPABILITIES)), FEEDS, 'cpu')).outputs;
    run = await profiledRun(serialise(lowered(graphOf(COMMON_CAPABILITIES), COMMON_CAPABILITIES)), FEEDS, 'webgpu');
  });

  it.each(Object.keys(CASES))('%s has the result and the gradients of the processor', (name) => {
    const names = Object.keys(expected).filter((output) => output.startsWith(`${name}: `));
    expect(names.length).toBe(1 + CASES[name]!.inputs.length);
    for (const output of names) {
      const [wanted, got] = [expected[output]!, run.outputs[output]!];
      expect(got.shape).toEqual(wanted.shape);
      const largest = (wanted.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      (wanted.data as Float32Array).forEach((value, index) => {
        const difference = Math.abs(value - (got.data as Float32Array)[index]!);
        expect(difference, `${output}, element ${index}`).toBeLessThanOrEqual(1e-5 * Math.max(largest, 1e-3));
      });
    }
  });

  it('no operator runs on the processor', () => {
    expect(run.nodes.length).toBeGreaterThan(300);
    expect(fallbacks(run.nodes)).toEqual([]);
  });
});
