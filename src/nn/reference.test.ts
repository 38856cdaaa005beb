/**
 * Whole networks against numbers made with PyTorch (see test/reference/networks.py). Tensors are compared by
 * ‖ours − theirs‖ / ‖theirs‖ with the Euclidean norm, scalars by their relative difference.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { relativeDifference } from '../../test/support/numeric.js';
import { gradients } from '../autodiff/gradients.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { Graph } from '../graph/graph.js';
import { softmax } from '../graph/operators/index.js';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import type { Widths } from '../models/baseline.js';
import { baselineLayers } from '../models/baseline.js';
import { leviHassnerLayers } from '../models/levi-hassner.js';
import type { Feeds } from '../runtime/runner.js';
import { Session } from '../runtime/session.node.js';
import { crossEntropy } from './losses.js';
import type { NetworkDefinition } from './network.js';
import { buildNetwork } from './network.js';
import type { Optimiser } from './optimisers.js';
import { adamW, sgd } from './optimisers.js';
import { timeDecay } from './schedules.js';
import { buildTrainingStep, nextOf } from './training-step.js';

const TENSOR_TOLERANCE = 1e-4;
const CURVE_TOLERANCE = 1e-3;

const widths: Widths = { filters: [6, 8, 10], units: [16, 12] };
const leviHassnerOf = (alpha: number): NetworkDefinition => ({
  name: 'levi-hassner',
  layers: (classes) => leviHassnerLayers(widths, { size: 5, alpha, beta: 0.75, bias: 1 }, classes),
});
const networks: [string, NetworkDefinition][] = [
  ['baseline', { name: 'baseline', layers: (classes) => baselineLayers(widths, classes) }],
  ['levi-hassner', leviHassnerOf(1e-4)],
  // An alpha that makes the normalisation matter.
  ['levi-hassner-alpha-1', leviHassnerOf(1)],
];

interface Curve {
  readonly kind: 'sgd' | 'adamw';
  readonly learning_rate: number;
  readonly decay: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weight_decay: number;
  readonly losses: readonly number[];
}

type Tensors = ReadonlyMap<string, HostTensor<'float32'>>;

async function readReference(file: string): Promise<Buffer> {
  return await readFile(fileURLToPath(new URL(`../../test/reference/${file}`, import.meta.url)));
}

async function readStep(name: string): Promise<{ tensors: Tensors; loss: number }> {
  const file = `${name}-step.safetensors`;
  const { loss } = JSON.parse((await readReference(`${name}-step.json`)).toString()) as { loss: number };
  return { tensors: readSafetensors(await readReference(file), file).tensors as Tensors, loss };
}

async function readCurves(name: string): Promise<readonly Curve[]> {
  const { curves } = JSON.parse((await readReference(`${name}-curves.json`)).toString()) as { curves: Curve[] };
  return curves;
}

/** Picture size, batch and classes of a step. */
function sizesOf(tensors: Tensors) {
  const [batch, , imageSize] = tensors.get('pictures')!.shape as [number, number, number, number];
  return { batch, imageSize, classes: tensors.get('labels')!.shape[1]! };
}

/** The inputs of a graph, taken from the tensors of a step. */
function feedsOf(graph: Graph, tensors: Tensors): Record<string, HostTensor> {
  const { batch } = sizesOf(tensors);
  const special: Record<string, HostTensor | undefined> = {
    images: tensors.get('pictures'),
    targets: tensors.get('labels'),
    weights: floatTensor(new Float32Array(batch).fill(1), [batch]),
  };
  return Object.fromEntries(graph.inputs.map(({ name }) => [name, (special[name] ?? tensors.get(name))!]));
}

async function run(graph: Graph, feeds: Feeds): Promise<Record<string, HostTensor>> {
  const session = await Session.create(serialise(graph), { threads: 2 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

function expectNear(name: string, actual: HostTensor | undefined, expected: HostTensor): void {
  expect(relativeDifference(actual, expected), `relative difference of ${name}`).toBeLessThan(TENSOR_TOLERANCE);
}

function expectNearLoss(where: string, actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1), `relative difference of the loss ${where}`).toBeLessThan(tolerance);
}

const optimiserOf = ({ kind, momentum, nesterov, weight_decay: weightDecay }: Curve): Optimiser =>
  kind === 'sgd' ? sgd({ momentum, nesterov }) : adamW({ weightDecay });

/** Losses of steps on the one batch, without dropout. */
async function descend(definition: NetworkDefinition, tensors: Tensors, curve: Curve): Promise<number[]> {
  const optimiser = optimiserOf(curve);
  const schedule = timeDecay(curve.learning_rate, curve.decay);
  const { graph, masks, slots } = buildTrainingStep(definition, { ...sizesOf(tensors), optimiser });
  const filled = (shape: readonly number[], value: number) =>
    floatTensor(new Float32Array(sizeOf(shape)).fill(value), shape);
  let state = new Map<string, HostTensor>([
    ...tensors,
    ...masks.map(({ name, shape }) => [name, filled(shape, 1)] as const),
    ...slots.map(({ name, shape }) => [name, filled(shape, 0)] as const),
  ]);
  const session = await Session.create(serialise(graph), { threads: 2 });
  const losses: number[] = [];
  try {
    for (let step = 0; step < curve.losses.length; step++) {
      const scalars = Object.entries(optimiser.scalars(step, schedule(step)));
      for (const [name, value] of scalars) state.set(name, floatTensor([value], []));
      const outputs = await session.run(feedsOf(graph, state as Tensors));
      losses.push((outputs['loss']!.data as Float32Array)[0]!);
      state = new Map([...state].map(([name, tensor]) => [name, outputs[nextOf(name)] ?? tensor]));
    }
  } finally {
    await session.dispose();
  }
  return losses;
}

describe.each(networks)('%s agrees with PyTorch', (name, definition) => {
  it('in loss, logits, every gradient and the moving statistics of a training step', async () => {
    const { tensors, loss } = await readStep(name);
    const { batch, imageSize, classes } = sizesOf(tensors);
    const network = buildNetwork(definition, { batch, imageSize, classes, training: true });
    network.graph.output('logits', network.logits);
    for (const [parameter, next] of network.updates) network.graph.output(`after.${parameter}`, next);
    const { graph, mapped } = rewrite(network.graph, [poolBeforeRelu]);
    const logits = mapped(network.logits);
    const targets = graph.input('targets', 'float32', [batch, classes]);
    const lossValue = crossEntropy(logits, targets, graph.input('weights', 'float32', [batch]));
    const trained = network.parameters.filter((parameter) => parameter.trainable);
    const byParameter = gradients(lossValue, trained.map(({ value }) => mapped(value)));
    graph.output('loss', lossValue);
    trained.forEach((parameter, index) => graph.output(`grad.${parameter.name}`, byParameter[index]!));

    const outputs = await run(graph, feedsOf(graph, tensors));
    expectNearLoss('of the step', (outputs['loss']!.data as Float32Array)[0]!, loss, TENSOR_TOLERANCE);
    const expected = [...tensors].filter(([key]) => /^(logits$|grad\.|after\.)/.test(key));
    expect(expected).toHaveLength(graph.outputs.size - 1);
    for (const [key, tensor] of expected) expectNear(key, outputs[key], tensor);
  });

  it('in the probabilities at inference, with batch normalisation folded', async () => {
    const { tensors } = await readStep(name);
    const built = buildNetwork(definition, { ...sizesOf(tensors), training: false, weights: tensors });
    built.graph.output('probabilities', softmax(built.logits));
    const { graph } = rewrite(built.graph, [poolBeforeRelu, foldBatchNorm]);
    const { probabilities } = await run(graph, feedsOf(graph, tensors));
    expectNear('probabilities', probabilities, tensors.get('inference.probabilities')!);
  });

  it.each(['sgd', 'sgd with Nesterov momentum', 'adamw'])('in the losses of 20 steps of %s', async (optimiser) => {
    const { tensors } = await readStep(name);
    const curve = (await readCurves(name)).find(
      ({ kind, nesterov }) => (nesterov ? `${kind} with Nesterov momentum` : kind) === optimiser,
    )!;
    expect(curve.losses).toHaveLength(20);
    const losses = await descend(definition, tensors, curve);
    losses.forEach((loss, step) => expectNearLoss(`at step ${step}`, loss, curve.losses[step]!, CURVE_TOLERANCE));
  });
});
