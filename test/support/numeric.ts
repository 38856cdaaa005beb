import { expect } from 'vitest';
import { gradients } from '../../src/autodiff/gradients.js';
import { PURPOSE, randomStream } from '../../src/base/random.js';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor, sizeOf } from '../../src/base/tensor.js';
import type { Capabilities } from '../../src/graph/capabilities.js';
import { PROCESSOR_CAPABILITIES } from '../../src/graph/capabilities.js';
import type { Value } from '../../src/graph/graph.js';
import { Graph } from '../../src/graph/graph.js';
import { lowered } from '../../src/graph/lowering.js';
import { multiply, reduceSum } from '../../src/graph/operators/index.js';
import { serialise } from '../../src/graph/serialise.js';
import type { Feeds } from '../../src/runtime/runner.js';
import { Session } from '../../src/runtime/session.node.js';

/** Runs a graph once on one thread and returns its outputs. */
export async function evaluate(graph: Graph, feeds: Feeds = {}): Promise<Record<string, HostTensor>> {
  const session = await Session.create(serialise(graph), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** Float inputs of a new graph: x0, x1, ... */
export function floatInputs<Shapes extends readonly (readonly number[])[]>(...shapes: Shapes): { [Index in keyof Shapes]: Value } {
  const graph = new Graph();
  return shapes.map((shape, index) => graph.input(`x${index}`, 'float32', shape)) as { [Index in keyof Shapes]: Value };
}

function feedsOf(tensors: readonly HostTensor[]): Record<string, HostTensor> {
  return Object.fromEntries(tensors.map((tensor, index) => [`x${index}`, tensor]));
}

/** Builds a function of the tensors and returns its value as plain numbers. Its shape must be the inferred one. */
export async function compute(tensors: readonly HostTensor[], build: (...values: Value[]) => Value): Promise<number[]> {
  const graph = new Graph();
  const result = build(...tensors.map((tensor, index) => graph.input(`x${index}`, tensor.type, tensor.shape)));
  graph.output('y', result);
  const y = (await evaluate(graph, feedsOf(tensors)))['y']!;
  expect({ type: y.type, shape: y.shape }).toEqual({ type: result.type, shape: result.shape });
  return Array.from(y.data as ArrayLike<number | bigint>, Number);
}

/** The gradients of a scalar function of the tensors by each of them, as plain numbers. */
export async function differentiate(
  tensors: readonly HostTensor[],
  buildLoss: (...values: Value[]) => Value,
  capabilities: Capabilities = PROCESSOR_CAPABILITIES,
): Promise<number[][]> {
  const graph = new Graph();
  const sources = tensors.map((tensor, index) => graph.input(`x${index}`, tensor.type, tensor.shape));
  gradients(buildLoss(...sources), sources, { capabilities }).forEach((gradient, index) => graph.output(`d${index}`, gradient));
  const results = await evaluate(lowered(graph, capabilities), feedsOf(tensors));
  return tensors.map((_, index) => Array.from(results[`d${index}`]!.data as Float32Array));
}

/** A tensor of random numbers in [low, high), the same at each call. */
export function randomTensor(shape: readonly number[], key: number, low = -1, high = 1): HostTensor<'float32'> {
  const stream = randomStream(7, PURPOSE.initialise, key);
  return floatTensor(Float32Array.from({ length: sizeOf(shape) }, () => stream.uniformBetween(low, high)), shape);
}

/** Random numbers that keep their distance from zero, for functions with a kink there. */
export function tensorAwayFromZero(shape: readonly number[], key: number): HostTensor<'float32'> {
  const { data } = randomTensor(shape, key);
  return floatTensor(data.map((value) => value + 0.1 * (value < 0 ? -1 : 1)), shape);
}

/** The numbers 0, 0.1, 0.2, ... in random order, for functions that pick the largest: a small step changes no choice. */
export function distinctTensor(shape: readonly number[], key: number): HostTensor<'float32'> {
  const numbers = Float32Array.from({ length: sizeOf(shape) }, (_, index) => index / 10);
  return floatTensor(randomStream(7, PURPOSE.shuffle, key).shuffle(numbers), shape);
}

/** ‖actual − expected‖ / ‖expected‖ with the Euclidean norm; NaN when only zeros are expected. */
export function relativeDifference(actual: HostTensor | undefined, expected: HostTensor): number {
  expect(actual?.shape).toEqual(expected.shape);
  const ours = actual!.data as Float32Array;
  let difference = 0;
  let norm = 0;
  (expected.data as Float32Array).forEach((value, index) => {
    difference += (value - ours[index]!) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}

const STEP = 1e-2;
/** Largest difference allowed, relative to the largest gradient of that input (at least 1). */
const TOLERANCE = 2e-3;

/**
 * Compares the gradients of Σ weights · build(inputs), with fixed random weights, with central differences for every
 * element of every input.
 * @param capabilities what the graph may be made of; the processor computes it in any case
 */
export async function expectGradients(
  inputs: readonly HostTensor<'float32'>[],
  build: (...values: Value[]) => Value,
  capabilities: Capabilities = PROCESSOR_CAPABILITIES,
): Promise<void> {
  const graph = lowered(gradientGraph(inputs, build, capabilities), capabilities);
  const session = await Session.create(serialise(graph), { threads: 1 });
  try {
    await compareWithDifferences(session, inputs);
  } finally {
    await session.dispose();
  }
}

/** The value `y` of a function of x0, x1, ..., its weighted sum `loss`, and the gradients d0, d1, ... of that. */
function gradientGraph(
  inputs: readonly HostTensor<'float32'>[],
  build: (...values: Value[]) => Value,
  capabilities: Capabilities,
): Graph {
  const graph = new Graph();
  const sources = inputs.map((tensor, index) => graph.input(`x${index}`, 'float32', tensor.shape));
  const y = build(...sources);
  graph.output('y', y);
  const loss = reduceSum(multiply(y, graph.constant(randomTensor(y.shape, 99))));
  graph.output('loss', loss);
  gradients(loss, sources, { capabilities }).forEach((gradient, index) => graph.output(`d${index}`, gradient));
  return graph;
}

async function compareWithDifferences(
  session: Session,
  inputs: readonly HostTensor<'float32'>[],
): Promise<void> {
  const copies = inputs.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
  const feeds = feedsOf(copies);
  const lossAt = async () => {
    const { loss } = await session.run(feeds, { fetches: { loss: undefined } });
    return (loss!.data as Float32Array)[0]!;
  };

  const results = await session.run(feeds);
  for (const [index, { data, shape }] of copies.entries()) {
    const analytic = results[`d${index}`]!;
    expect(analytic.shape).toEqual(shape);
    const scale = Math.max(1, ...Array.from(analytic.data as Float32Array, Math.abs));
    for (let element = 0; element < data.length; element++) {
      const value = data[element]!;
      data[element] = value + STEP;
      const above = data[element]!;
      const lossAbove = await lossAt();
      data[element] = value - STEP;
      const below = data[element]!;
      const lossBelow = await lossAt();
      data[element] = value;
      const numeric = (lossAbove - lossBelow) / (above - below);
      const difference = Math.abs(numeric - (analytic.data as Float32Array)[element]!) / scale;
      expect(difference, `input ${index}, element ${element}: numeric ${numeric}`).toBeLessThan(TOLERANCE);
    }
  }
}
