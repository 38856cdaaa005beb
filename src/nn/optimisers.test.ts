import { describe, expect, it } from 'vitest';
import { evaluate } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import type { Value } from '../graph/graph.js';
import { Graph } from '../graph/graph.js';
import { multiply } from '../graph/operators/index.js';
import type { Optimiser } from './optimisers.js';
import { adamW, averaged, sgd } from './optimisers.js';

const SIZE = [2];

/** The parameter [1, −2] after each of the steps with these gradients and learning rates. */
async function descend(optimiser: Optimiser, steps: readonly { gradient: number[]; rate: number }[]): Promise<number[][]> {
  let parameter = [1, -2];
  let slots = Object.fromEntries(optimiser.slots.map((name) => [name, [0, 0]]));
  const path: number[][] = [];
  for (const [step, { gradient, rate }] of steps.entries()) {
    const graph = new Graph();
    const vector = (values: readonly number[]): Value => graph.constant(floatTensor(values, SIZE));
    const given = optimiser.scalars(step, rate);
    const update = optimiser.update({
      parameter: vector(parameter),
      gradient: optimiser.takesScaledGradients ? multiply(vector(gradient), rate) : vector(gradient),
      scalar: (name) => graph.scalar(given[name]!),
      slot: (name) => vector(slots[name]!),
    });
    expect(Object.keys(update.slots)).toEqual(optimiser.slots);
    graph.output('parameter', update.parameter);
    for (const [name, value] of Object.entries(update.slots)) graph.output(`slot ${name}`, value);
    const outputs = await evaluate(graph);
    const numbers = (name: string): number[] => Array.from(outputs[name]!.data as Float32Array);
    parameter = numbers('parameter');
    slots = Object.fromEntries(optimiser.slots.map((name) => [name, numbers(`slot ${name}`)]));
    path.push(parameter);
  }
  return path;
}

function expectPath(path: readonly number[][], expected: readonly number[][]): void {
  expect(path).toHaveLength(expected.length);
  path.forEach((values, step) => {
    values.forEach((value, index) => expect(value, `step ${step}`).toBeCloseTo(expected[step]![index]!, 6));
  });
}

const steps = [
  { gradient: [2, -4], rate: 0.5 },
  { gradient: [1, 8], rate: 0.25 },
];

describe('sgd', () => {
  it('without momentum steps against the gradient', async () => {
    const optimiser = sgd({ momentum: 0, nesterov: false });
    expect(optimiser.slots).toEqual([]);
    expectPath(await descend(optimiser, steps), [
      [0, 0],
      [-0.25, -2],
    ]);
  });

  it('with momentum keeps a velocity, in which the learning rate of each step stays', async () => {
    // v = −1, 2; then 0.9·v − 0.25·g = −1.15, −0.2.
    expectPath(await descend(sgd({ momentum: 0.9, nesterov: false }), steps), [
      [0, 0],
      [-1.15, -0.2],
    ]);
  });

  it('with Nesterov momentum looks one step ahead', async () => {
    // v as above; the changes are 0.9·v − η·g: −1.9, 3.8; then −1.285, −2.18.
    expectPath(await descend(sgd({ momentum: 0.9, nesterov: true }), steps), [
      [-0.9, 1.8],
      [-2.185, -0.38],
    ]);
  });
});

describe('adamW', () => {
  it('divides the corrected mean by the root of the corrected variance', async () => {
    // Means 0.2, -0.4 and 0.28, 0.44; variances 0.004, 0.016 and 0.004996, 0.079984.
    const second = (mean: number, variance: number): number => mean / 0.19 / Math.sqrt(variance / 0.001999);
    expectPath(await descend(adamW({ weightDecay: 0 }), steps), [
      [0.5, -1.5],
      [0.5 - 0.25 * second(0.28, 0.004996), -1.5 - 0.25 * second(0.44, 0.079984)],
    ]);
  });

  it('shrinks the parameter by its own share, apart from the gradient', async () => {
    const [first] = await descend(adamW({ weightDecay: 0.1 }), steps);
    // 1 − 0.5·(1 + 0.1·1) and −2 − 0.5·(−1 + 0.1·(−2)).
    expectPath([first!], [[0.45, -1.4]]);
  });

  it('decays each step from where the parameter stands', async () => {
    const idle = { gradient: [0, 0], rate: 0.5 };
    expectPath(await descend(adamW({ weightDecay: 0.2 }), [idle, idle]), [
      [0.9, -1.8],
      [0.81, -1.62],
    ]);
  });

  it('takes other betas and another epsilon', async () => {
    const optimiser = adamW({ weightDecay: 0, beta1: 0.5, beta2: 0.75, epsilon: 1 });
    // After one step the corrections undo the betas: g / (|g| + 1).
    expectPath(await descend(optimiser, steps.slice(0, 1)), [[1 - (0.5 * 2) / 3, -2 + (0.5 * 4) / 5]]);
    expect(optimiser.scalars(1, 0.1)).toEqual({
      learning_rate: 0.1,
      mean_correction: 1 / (1 - 0.25),
      variance_correction: 1 / (1 - 0.5625),
    });
  });
});

describe('averaged', () => {
  it('updates as the optimiser in it does, and keeps a mean that forgets faster at first', async () => {
    const optimiser = averaged(sgd({ momentum: 0, nesterov: false }), 0.15);
    expect(optimiser.slots).toEqual(['average']);
    expectPath(await descend(optimiser, steps), [
      [0, 0],
      [-0.25, -2],
    ]);
    // 1/10 at the first step, then 0.15, which is less than 2/11.
    expect([0, 1].map((step) => optimiser.scalars(step, 1)['average_decay'])).toEqual([0.1, 0.15]);
  });

  it('weighs the old mean by the decay', async () => {
    const graph = new Graph();
    const vector = (values: readonly number[]): Value => graph.constant(floatTensor(values, SIZE));
    const { slots } = averaged(sgd({ momentum: 0, nesterov: false }), 0.5).update({
      ...{ parameter: vector([3, 5]), gradient: vector([1, 1]) },
      scalar: () => graph.scalar(0.75),
      slot: () => vector([10, 20]),
    });
    graph.output('average', slots['average']!);
    const { average } = await evaluate(graph);
    expect(Array.from(average!.data as Float32Array)).toEqual([0.75 * 10 + 0.25 * 2, 0.75 * 20 + 0.25 * 4]);
  });
});
