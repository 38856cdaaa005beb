import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../test/support/numeric.js';
import type { HostTensor } from '../base/tensor.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { Attributes, Value } from '../graph/graph.js';
import { Graph } from '../graph/graph.js';
import {
  batchNorm,
  localResponseNorm,
  logSoftmax,
  multiply,
  negate,
  reduceMean,
  reduceSum,
  reshape,
  softmax,
  subtract,
} from '../graph/operators/index.js';
import { gradients } from './gradients.js';

/** What PyTorch computes; test/reference/operators.py says what each tensor is. */
const reference = new URL('../../test/reference/', import.meta.url);
const { tensors } = readSafetensors(readFileSync(new URL('operators.safetensors', reference)));
const { cases } = JSON.parse(readFileSync(new URL('operators.json', reference), 'utf8')) as {
  cases: Record<string, Record<string, unknown> & { operator: string }>;
};

const TOLERANCE = 1e-5;

function tensorOf(key: string): HostTensor<'float32'> {
  const tensor = tensors.get(key);
  if (tensor?.type !== 'float32') throw new Error(`operators.safetensors holds no floats named ${key}`);
  return tensor as HostTensor<'float32'>;
}

function norm(values: Float32Array): number {
  return Math.hypot(...values);
}

/** Builds outputs from inputs, both named as in the file, and compares them with the file. */
async function expectReference(
  name: string,
  inputs: readonly string[],
  build: (...values: Value[]) => Record<string, Value>,
): Promise<void> {
  const graph = new Graph();
  const feeds = Object.fromEntries(inputs.map((role) => [role, tensorOf(`${name}.${role}`)]));
  const outputs = build(...inputs.map((role) => graph.input(role, 'float32', feeds[role]!.shape)));
  for (const [role, value] of Object.entries(outputs)) graph.output(role, value);
  const results = await evaluate(graph, feeds);
  for (const role of Object.keys(outputs)) {
    const actual = results[role] as HostTensor<'float32'>;
    const expected = tensorOf(`${name}.${role}`);
    expect(actual.shape, role).toEqual(expected.shape);
    const error = norm(actual.data.map((value, index) => value - expected.data[index]!)) / norm(expected.data);
    expect(error, `relative error of ${role}`).toBeLessThan(TOLERANCE);
  }
}

/** The output `y` of an operator and its gradients by all operands, under the gradient `dy`. */
async function expectOperator(name: string, operands: readonly string[], build: (...values: Value[]) => Value): Promise<void> {
  await expectReference(name, [...operands, 'dy'], (...values) => {
    const sources = values.slice(0, -1);
    const y = build(...sources);
    const results = gradients(reduceSum(multiply(y, values.at(-1)!)), sources);
    return { y, ...Object.fromEntries(operands.map((role, index) => [`d${role}`, results[index]!])) };
  });
}

function namesOf(...operators: string[]): string[] {
  return Object.keys(cases).filter((name) => operators.includes(cases[name]!.operator));
}

describe('convolutions and pools agree with PyTorch', () => {
  it.each(namesOf('Conv', 'MaxPool', 'AveragePool', 'GlobalAveragePool'))('%s', async (name) => {
    const { operator, ...attributes } = cases[name]!;
    const operands = operator === 'Conv' ? ['x', 'w', 'b'] : ['x'];
    await expectOperator(name, operands, (...values) => values[0]!.graph.apply(operator, values, attributes as Attributes)[0]);
  });
});

describe('normalisation agrees with PyTorch', () => {
  it.each(namesOf('LRN'))('%s', async (name) => {
    const { size, alpha, beta, bias } = cases[name] as unknown as Parameters<typeof localResponseNorm>[1];
    await expectOperator(name, ['x'], (x) => localResponseNorm(x, { size, alpha, beta, bias }));
  });

  it('batch_norm_inference', async () => {
    const name = 'batch_norm_inference';
    const { epsilon } = cases[name] as unknown as { epsilon: number };
    await expectOperator(name, ['x', 'gamma', 'beta'], (x, gamma, beta) => {
      const mean = x.graph.constant(tensorOf(`${name}.moving_mean`));
      const variance = x.graph.constant(tensorOf(`${name}.moving_variance`));
      return batchNorm(x, { gamma, beta, mean, variance }, epsilon);
    });
  });

  it('batch_norm_training, through the statistics of the batch', async () => {
    const name = 'batch_norm_training';
    const { epsilon } = cases[name] as unknown as { epsilon: number };
    await expectOperator(name, ['x', 'gamma', 'beta'], (x, gamma, beta) => {
      const mean = reduceMean(x, { axes: [0, 2, 3] });
      const centred = subtract(x, reshape(mean, [1, -1, 1, 1]));
      const variance = reduceMean(multiply(centred, centred), { axes: [0, 2, 3] });
      return batchNorm(x, { gamma, beta, mean, variance }, epsilon);
    });
  });
});

describe('softmax and its cross-entropy agree with PyTorch', () => {
  const plain = namesOf('SoftmaxCrossEntropy').filter((name) => Object.keys(cases[name]!).length === 1);
  it.each(plain)('%s', async (name) => {
    await expectReference(name, ['logits', 'targets'], (logits, targets) => {
      const loss = reduceMean(negate(reduceSum(multiply(targets, logSoftmax(logits)), { axes: [1] })));
      const [dlogits] = gradients(loss, [logits]);
      return { probabilities: softmax(logits), loss, dlogits: dlogits! };
    });
  });
});

describe('the reference', () => {
  it('holds what the tests above look for', () => {
    expect(namesOf('Conv').length).toBeGreaterThan(10);
    expect(namesOf('MaxPool').length).toBeGreaterThan(5);
    expect(namesOf('LRN').length).toBeGreaterThan(2);
    expect(namesOf('SoftmaxCrossEntropy').length).toBeGreaterThan(4);
  });
});
