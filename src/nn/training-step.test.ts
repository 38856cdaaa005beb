import { describe, expect, it } from 'vitest';
import { evaluate, randomTensor, relativeDifference } from '../../test/support/numeric.js';
import { gradients } from '../autodiff/gradients.js';
import { floatTensor } from '../base/tensor.js';
import type { HostTensor } from '../base/tensor.js';
import type { Graph } from '../graph/graph.js';
import { liveNodes } from '../graph/live-nodes.js';
import { baseline } from '../models/baseline.js';
import { constant } from './initialisers.js';
import { batchNormLayer, denseLayer, dropoutLayer, flattenLayer } from './layers/index.js';
import { crossEntropy } from './losses.js';
import type { NetworkDefinition } from './network.js';
import { buildNetwork, layerOfParameter } from './network.js';
import type { Optimiser } from './optimisers.js';
import { adamW, sgd } from './optimisers.js';
import { buildTrainingStep, lateScalar, nextOf } from './training-step.js';

/** Two logits from one pixel. */
const linear: NetworkDefinition = {
  name: 'linear',
  layers: (classes) => [flattenLayer('flatten'), denseLayer('dense', { units: classes, initialise: constant(0) })],
};
const sizes = { batch: 1, imageSize: 1, classes: 2 };
const sgdAlone = sgd({ momentum: 0, nesterov: false });

// With all weights 0 both probabilities are 1/2, and the gradients by the logits −1/2 and 1/2.
const feeds: Record<string, HostTensor> = {
  images: floatTensor([1, 2, 3], [1, 3, 1, 1]),
  targets: floatTensor([1, 0], [1, 2]),
  weights: floatTensor([1], [1]),
  'dense.kernel': floatTensor([0, 0, 0, 0, 0, 0], [3, 2]),
  'dense.bias': floatTensor([0, 0], [2]),
};
const kernelGradient = [-0.5, 0.5, -1, 1, -1.5, 1.5];
const gradientNorm = Math.sqrt(7.5);

const numbers = (tensor: HostTensor | undefined): number[] => Array.from(tensor!.data as Float32Array);

function expectClose(tensor: HostTensor | undefined, expected: readonly number[]): void {
  const actual = numbers(tensor);
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
}

async function stepWith(optimiser: Optimiser, clipNorm?: number): Promise<Record<string, HostTensor>> {
  const { graph } = buildTrainingStep(linear, { ...sizes, optimiser, ...(clipNorm === undefined ? {} : { clipNorm }) });
  const scalars = Object.entries(optimiser.scalars(0, 0.1)).map(([name, value]) => [name, floatTensor([value], [])]);
  return await evaluate(graph, { ...feeds, ...(Object.fromEntries(scalars) as typeof feeds) });
}

describe('buildTrainingStep', () => {
  it('gives loss, logits and the next parameters', async () => {
    const outputs = await stepWith(sgdAlone);
    expectClose(outputs['loss'], [Math.log(2)]);
    expectClose(outputs['logits'], [0, 0]);
    expectClose(outputs[nextOf('dense.kernel')], kernelGradient.map((gradient) => -0.1 * gradient));
    expectClose(outputs[nextOf('dense.bias')], [0.05, -0.05]);
  });

  it('weighs the pictures', async () => {
    const { graph } = buildTrainingStep(linear, { ...sizes, optimiser: sgdAlone });
    const heavier = { ...feeds, weights: floatTensor([3], [1]), learning_rate: floatTensor([0.1], []) };
    const outputs = await evaluate(graph, heavier);
    expectClose(outputs['loss'], [3 * Math.log(2)]);
    expectClose(outputs[nextOf('dense.bias')], [0.15, -0.15]);
  });

  // Its next parameters are the gradients as it gets them.
  const recorder: Optimiser = {
    slots: [],
    takesScaledGradients: false,
    scalars: () => ({}),
    update: ({ gradient }) => ({ parameter: gradient, slots: {} }),
  };

  it('multiplies the gradients by the learning rate only for optimisers that ask for it', async () => {
    expectClose((await stepWith(recorder))[nextOf('dense.kernel')], kernelGradient);
    const scaled = { ...recorder, takesScaledGradients: true, scalars: () => ({ learning_rate: 0.1 }) };
    const outputs = await stepWith(scaled);
    expectClose(outputs[nextOf('dense.kernel')], kernelGradient.map((gradient) => 0.1 * gradient));
  });

  it('scales gradients down to a common norm', async () => {
    const outputs = await stepWith(recorder, gradientNorm / 2);
    expectClose(outputs[nextOf('dense.kernel')], kernelGradient.map((gradient) => gradient / 2));
    expectClose(outputs[nextOf('dense.bias')], [-0.25, 0.25]);
  });

  it('clips the gradients themselves, not those times the learning rate', async () => {
    const outputs = await stepWith(sgdAlone, gradientNorm / 4);
    expectClose(outputs[nextOf('dense.bias')], [0.0125, -0.0125]);
  });

  it('leaves gradients alone whose norm is smaller', async () => {
    const outputs = await stepWith(recorder, gradientNorm * 1.01);
    expectClose(outputs[nextOf('dense.kernel')], kernelGradient);
  });

  it('keeps the slots of the optimiser for each parameter that is trained', async () => {
    const { graph, slots } = buildTrainingStep(linear, { ...sizes, optimiser: adamW({ weightDecay: 0 }) });
    expect(slots).toEqual([
      { name: 'dense.kernel/mean', shape: [3, 2] },
      { name: 'dense.kernel/variance', shape: [3, 2] },
      { name: 'dense.bias/mean', shape: [2] },
      { name: 'dense.bias/variance', shape: [2] },
    ]);
    const start = Object.fromEntries(
      slots.map(({ name, shape }) => [name, floatTensor(new Float32Array(shape[0]! * (shape[1] ?? 1)), shape)]),
    );
    const one = floatTensor([1], []);
    const scalars = { learning_rate: one, mean_correction: one, variance_correction: one };
    const outputs = await evaluate(graph, { ...feeds, ...start, ...scalars });
    expectClose(outputs[nextOf('dense.bias/mean')], [-0.05, 0.05]);
    expectClose(outputs[nextOf('dense.bias/variance')], [0.00025, 0.00025]);
  });

  it('updates statistics that are not trained, and lists the masks', () => {
    const network: NetworkDefinition = {
      name: 'test',
      layers: () => [batchNormLayer('norm'), dropoutLayer('dropout', 0.5), ...linear.layers(2)],
    };
    const { graph, parameters, slots, masks } = buildTrainingStep(network, {
      ...sizes,
      batch: 2,
      optimiser: sgd({ momentum: 0.9, nesterov: true }),
    });
    const trained = ['norm.gamma', 'norm.beta', 'dense.kernel', 'dense.bias'];
    const statistics = ['norm.moving_mean', 'norm.moving_variance'];
    expect(parameters.map(({ name }) => name).toSorted()).toEqual([...trained, ...statistics].toSorted());
    expect(slots.map(({ name }) => name)).toEqual(trained.map((name) => `${name}/momentum`));
    expect(masks.map(({ name, shape }) => [name, shape])).toEqual([['dropout.mask', [2, 3, 1, 1]]]);
    const next = [...parameters, ...slots].map(({ name }) => nextOf(name));
    expect([...graph.outputs.keys()].toSorted()).toEqual(['logits', 'loss', ...next].toSorted());
  });

  describe('with frozen layers', () => {
    const options = { ...sizes, batch: 2, imageSize: 37, optimiser: sgd({ momentum: 0.9, nesterov: false }) };
    const gradientsIn = (graph: Graph): string[] =>
      liveNodes(graph).flatMap(({ name }) => /gradient of ([^/]+)/.exec(name)?.[1] ?? []);

    it('does not differentiate what they alone need', () => {
      const whole = buildTrainingStep(baseline, options);
      expect(gradientsIn(whole.graph)).toEqual(expect.arrayContaining(['conv1', 'pool1', 'conv3', 'flatten', 'dense1']));

      const frozen = new Set(['conv1', 'batch_norm1', 'conv2', 'batch_norm2', 'conv3']);
      const { graph, slots, parameters } = buildTrainingStep(baseline, { ...options, frozen });
      const differentiated = new Set(gradientsIn(graph));
      expect([...differentiated].toSorted()).toEqual(['dense1', 'dense2', 'dense3', 'dropout1', 'dropout2', 'loss']);
      const forward = liveNodes(graph).filter(({ name }) => !name.includes('gradient of'));
      expect(forward.filter(({ operator }) => operator === 'Conv')).toHaveLength(3);
      expect(liveNodes(graph).filter(({ operator }) => operator === 'Conv')).toHaveLength(3);
      expect(slots.map(({ name }) => layerOfParameter(name))).toEqual(['dense1', 'dense1', 'dense2', 'dense2', 'dense3', 'dense3']);
      expect(parameters.filter(({ trainable }) => trainable)).toHaveLength(6);
      const trained = ['dense1', 'dense2', 'dense3'].flatMap((layer) => [`${layer}.kernel`, `${layer}.bias`]);
      const next = [...trained, ...trained.map((name) => `${name}/momentum`)].map(nextOf);
      expect([...graph.outputs.keys()].toSorted()).toEqual(['logits', 'loss', ...next].toSorted());
    });

    it('goes through those that lie behind trained ones, but has no gradients of their weights', () => {
      const { graph } = buildTrainingStep(baseline, { ...options, frozen: new Set(['conv2', 'dense1']) });
      expect(new Set(gradientsIn(graph))).toContain('conv1');
      expect(graph.outputs.has(nextOf('conv1.kernel'))).toBe(true);
      expect(graph.outputs.has(nextOf('conv2.kernel'))).toBe(false);
    });
  });

  it.each([
    ['sgd', sgdAlone],
    ['sgd with momentum', sgd({ momentum: 0.9, nesterov: true })],
    ['adamw', adamW({ weightDecay: 0.1 })],
  ])('multiplies the learning rate of a layer by its factor, with %s', async (_, optimiser) => {
    const two: NetworkDefinition = {
      name: 'two',
      layers: () => [flattenLayer('flatten'), ...['one', 'other'].map((name) => denseLayer(name, { units: 2, initialise: constant(0) }))],
    };
    const changesWith = async (rates: Map<string, number>, clipNorm?: number): Promise<Map<string, number[]>> => {
      const clipping = clipNorm === undefined ? {} : { clipNorm };
      const { graph, parameters } = buildTrainingStep(two, { ...sizes, optimiser, rates, ...clipping });
      const scalars = Object.entries(optimiser.scalars(0, 0.1)).map(([name, value]) => [name, floatTensor([value], [])]);
      const given = Object.fromEntries(graph.inputs.map(({ name, shape }, key) => [name, randomTensor(shape, key, 0.1, 1)]));
      Object.assign(given, Object.fromEntries(scalars), { targets: feeds['targets'], weights: feeds['weights'] });
      for (const name of Object.keys(given)) if (name.includes('/')) given[name] = randomTensor(given[name]!.shape, 0, 0, 0);
      const outputs = await evaluate(graph, given);
      const before = (name: string) => numbers(given[name]);
      return new Map(
        parameters.map(({ name }) => [name, numbers(outputs[nextOf(name)]).map((value, index) => value - before(name)[index]!)]),
      );
    };
    for (const clipNorm of [undefined, 0.01]) {
      const plain = await changesWith(new Map(), clipNorm);
      const scaled = await changesWith(new Map([['one', 0.25]]), clipNorm);
      for (const [name, changes] of plain) {
        expect(Math.max(...changes.map(Math.abs)), name).toBeGreaterThan(1e-5);
        const factor = name.startsWith('one.') ? 0.25 : 1;
        // Rounding of weights of about 1 leaves 1e-7.
        scaled.get(name)!.forEach((change, index) => expect(change, name).toBeCloseTo(factor * changes[index]!, 6));
      }
    }
  });

  it('gives late layers scalars of their own', async () => {
    const optimiser = adamW({ weightDecay: 0 });
    const { graph, slots } = buildTrainingStep(linear, { ...sizes, optimiser, late: new Set(['dense']) });
    const one = floatTensor([1], []);
    const nothing = Object.fromEntries(slots.map(({ name, shape }) => [name, randomTensor(shape, 0, 0, 0)]));
    const early = { learning_rate: one, mean_correction: one, variance_correction: one };
    const scalars = Object.entries(optimiser.scalars(0, 0.1)).map(([name, value]) => [lateScalar(name), floatTensor([value], [])]);
    const outputs = await evaluate(graph, { ...feeds, ...nothing, ...early, ...(Object.fromEntries(scalars) as typeof feeds) });
    // The first step of Adam is as long as the learning rate, whatever the gradient.
    expectClose(outputs[nextOf('dense.bias')], [0.1, -0.1]);
  });

  it('pools before it applies ReLU', () => {
    const { graph } = buildTrainingStep(baseline, { ...sizes, batch: 2, imageSize: 37, optimiser: sgdAlone });
    const pools = liveNodes(graph).filter(({ operator }) => operator === 'MaxPool');
    expect(pools.map(({ inputs }) => inputs[0]!.producer?.operator)).toEqual(['Conv', 'Conv', 'Conv']);
  });

  it("has the loss and the gradients of the network as it was defined, however it computes them", async () => {
    const options = { batch: 2, imageSize: 64, classes: 8 };
    const step = buildTrainingStep(baseline, { ...options, optimiser: recorder });
    const operators = liveNodes(step.graph).map(({ operator }) => operator);
    expect(operators).toContain('Split'); // at least one of the convolutions is computed in another way

    const plain = buildNetwork(baseline, { ...options, training: true });
    const { graph } = plain;
    const targets = graph.input('targets', 'float32', [2, 8]);
    const loss = crossEntropy(plain.logits, targets, graph.input('weights', 'float32', [2]));
    const trained = plain.parameters.filter(({ trainable }) => trainable);
    graph.output('loss', loss);
    gradients(loss, trained.map(({ value }) => value)).forEach((gradient, index) =>
      graph.output(nextOf(trained[index]!.name), gradient),
    );

    const labels = floatTensor(new Float32Array(16), [2, 8]);
    labels.data[3] = 1;
    labels.data[8] = 1;
    const given = Object.fromEntries(graph.inputs.map(({ name, shape }, key) => [name, inputOf(name, shape, key)]));
    Object.assign(given, { targets: labels, weights: floatTensor([1, 1], [2]) });
    const expected = await evaluate(graph, given);
    const actual = await evaluate(step.graph, given);
    expect(numbers(actual['loss'])[0]).toBeCloseTo(numbers(expected['loss'])[0]!, 4);
    for (const { name } of trained) {
      // Where two pixels are all but equal, rounding may send the gradient of a pooling window to the other one.
      expect(relativeDifference(actual[nextOf(name)], expected[nextOf(name)]!), name).toBeLessThan(1e-2);
    }
  });
});

/** Pictures, masks, or weights of a size that keeps signals alive through the network. */
function inputOf(name: string, shape: readonly number[], key: number): HostTensor {
  if (name === 'images') return randomTensor(shape, key, 0, 1);
  if (!name.endsWith('.kernel')) return randomTensor(shape, key, 0.5, 1);
  const fanIn = shape.length === 2 ? shape[0]! : shape.slice(1).reduce((product, length) => product * length, 1);
  return randomTensor(shape, key, -Math.sqrt(6 / fanIn), Math.sqrt(6 / fanIn));
}
