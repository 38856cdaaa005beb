import { describe, expect, it, onTestFinished } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { baseline } from '../models/baseline.js';
import { getModel } from '../models/registry.js';
import { heNormal } from '../nn/initialisers.js';
import {
  batchNormLayer,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  flattenLayer,
  maxPoolLayer,
} from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import { layerOfParameter, parameterSpecs } from '../nn/network.js';
import { adamW, averaged, sgd } from '../nn/optimisers.js';
import { chosenLayers } from '../nn/parts.js';
import type { EngineOptions, StepInput } from './engine.js';
import { TrainingEngine } from './engine.js';

const network: NetworkDefinition = {
  name: 'small',
  layers: (classes) => [
    convolutionLayer('conv', { filters: 8, kernel: 3, initialise: heNormal, activation: 'relu' }),
    maxPoolLayer('pool', 2, 2),
    batchNormLayer('norm'),
    flattenLayer('flatten'),
    denseLayer('dense1', { units: 16, initialise: heNormal, activation: 'relu' }),
    dropoutLayer('dropout', 0.5),
    denseLayer('dense2', { units: classes, initialise: heNormal }),
  ],
};
const imageSize = 12;
const classes = 3;

function open(changes: Partial<EngineOptions> = {}): TrainingEngine {
  const engine = new TrainingEngine({
    ...{ network, imageSize, classes, seed: 5, threads: 1, optimiser: sgd({ momentum: 0.9, nesterov: false }) },
    ...changes,
  });
  onTestFinished(() => engine.dispose());
  return engine;
}

/** The same pictures at each call, of classes 0, 1, 2, 0, ... */
function input(batch: number, step: number, learningRate = 0.05): StepInput & { readonly images: Float32Array } {
  const targets = new Float32Array(batch * classes);
  for (let row = 0; row < batch; row++) targets[row * classes + (row % classes)] = 1;
  return {
    images: randomTensor([batch, 3, imageSize, imageSize], 1, 0, 1).data,
    targets,
    weights: new Float32Array(batch).fill(1),
    step,
    learningRate,
  };
}

const copyOf = (tensors: ReadonlyMap<string, HostTensor<'float32'>>): Map<string, HostTensor<'float32'>> =>
  new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));

describe('TrainingEngine', () => {
  it('draws the first parameters from the seed, and starts the optimiser with zeros', () => {
    const { state } = open();
    expect(open().state).toEqual(state);
    expect(open({ seed: 6 }).state.get('dense1.kernel')).not.toEqual(state.get('dense1.kernel'));
    expect(state.get('norm.moving_variance')!.data).toEqual(new Float32Array(8).fill(1));
    expect(state.get('dense1.kernel/momentum')!.data.every((value) => value === 0)).toBe(true);
  });

  it('draws each parameter from numbers of its own', () => {
    const twins: NetworkDefinition = {
      name: 'twins',
      layers: () => [
        ...['a', 'b'].map((name) => convolutionLayer(name, { filters: 3, kernel: 1, initialise: heNormal })),
        flattenLayer('flatten'),
        denseLayer('dense', { units: classes, initialise: heNormal }),
      ],
    };
    const { state } = open({ network: twins });
    expect(state.get('a.kernel')).not.toEqual(state.get('b.kernel'));
  });

  it('says what a checkpoint must hold, and which part of it are the parameters', () => {
    const engine = open({ optimiser: adamW({ weightDecay: 0 }) });
    const trained = ['conv.kernel', 'conv.bias', 'norm.gamma', 'norm.beta'].concat(
      ['dense1', 'dense2'].flatMap((name) => [`${name}.kernel`, `${name}.bias`]),
    );
    const parameters = [...trained, 'norm.moving_mean', 'norm.moving_variance'];
    const slots = trained.flatMap((name) => [`${name}/mean`, `${name}/variance`]);
    expect([...engine.parameters.keys()].toSorted()).toEqual(parameters.toSorted());
    expect(engine.stateSpecs.map(({ name }) => name).toSorted()).toEqual([...parameters, ...slots].toSorted());
    expect(engine.stateSpecs.find(({ name }) => name === 'dense2.kernel/mean')!.shape).toEqual([16, 3]);
  });

  it('learns', async () => {
    const engine = open();
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) losses.push((await engine.step(input(6, step))).loss);
    expect(losses[0]).toBeGreaterThan(0.8);
    expect(Math.max(...losses.slice(-5))).toBeLessThan(losses[0]! / 2);
  });

  it('gives the logits from before the update', async () => {
    const engine = open();
    const first = await engine.step(input(6, 0, 0));
    const again = await engine.step(input(6, 0));
    expect(again.logits).toEqual(first.logits);
    expect(again.logits).toHaveLength(6 * classes);
    expect((await engine.step(input(6, 0))).logits).not.toEqual(first.logits);
  });

  it('draws the dropout masks from seed and step', async () => {
    const lossAt = async (seed: number, step: number): Promise<number> => {
      const engine = open({ seed });
      await engine.load(open().state);
      return (await engine.step(input(6, step))).loss;
    };
    expect(await lossAt(5, 1)).toBe(await lossAt(5, 1));
    expect(await lossAt(5, 2)).not.toBe(await lossAt(5, 1));
    expect(await lossAt(6, 1)).not.toBe(await lossAt(5, 1));
  });

  it('goes on exactly where another one stood', async () => {
    const first = open();
    for (let step = 0; step < 3; step++) await first.step(input(6, step));
    const second = open({ seed: 5 });
    await second.load(copyOf(first.state));
    for (let step = 3; step < 6; step++) {
      await first.step(input(6, step));
      await second.step(input(6, step));
    }
    expect(second.state).toEqual(first.state);
  });

  it('keeps what loaded tensors do not mention', async () => {
    const engine = open();
    const before = copyOf(engine.state);
    const bias = { ...before.get('dense2.bias')!, data: Float32Array.of(1, 2, 3) };
    await engine.load(new Map([['dense2.bias', bias]]));
    expect(engine.state).toEqual(before.set('dense2.bias', bias));
  });

  // 1,900 pictures of 12 × 12 pixels are a large batch, of which only one session is kept.
  it.each([6, 1900])('trains on batches of %i and any other size with the same parameters', async (batch) => {
    const engine = open({ optimiser: sgd({ momentum: 0, nesterov: false }) });
    await engine.step(input(batch, 0));
    const before = copyOf(engine.state);
    await engine.step(input(2, 1));
    await engine.infer({ images: input(batch, 0).images });
    await engine.step(input(batch, 2));
    const other = open({ optimiser: sgd({ momentum: 0, nesterov: false }) });
    await other.load(before);
    await other.step(input(2, 1));
    await other.step(input(batch, 2));
    expect(engine.state).toEqual(other.state);
  });

  it('infers without dropout and with the moving statistics', async () => {
    const engine = open();
    const { images } = input(4, 0);
    const { logits: fresh } = await engine.infer({ images });
    expect(fresh).toHaveLength(4 * classes);
    expect((await engine.infer({ images })).logits).toEqual(fresh);
    const { logits: one } = await engine.infer({ images: images.slice(0, images.length / 4) });
    one.forEach((value, index) => expect(value).toBeCloseTo(fresh[index]!, 5));

    // A large moving variance leaves nothing of the pictures but the shift, which is 0.
    const variance = engine.state.get('norm.moving_variance')!;
    await engine.load(new Map([['norm.moving_variance', { ...variance, data: new Float32Array(8).fill(1e30) }]]));
    (await engine.infer({ images })).logits.forEach((value) => expect(value).toBeCloseTo(0, 5));
  });

  it('clips the gradients when it is asked to', async () => {
    const changeOf = async (clipping: { clipNorm?: number }): Promise<number> => {
      const engine = open({ ...clipping, optimiser: sgd({ momentum: 0, nesterov: false }) });
      const trained = engine.specs.filter((spec) => spec.trainable).map(({ name }) => name);
      const before = copyOf(engine.state);
      await engine.step(input(6, 0, 1));
      const changes = trained.map((name) => {
        const after = engine.state.get(name)!.data;
        return Math.hypot(...before.get(name)!.data.map((value, index) => value - after[index]!));
      });
      return Math.hypot(...changes);
    };
    expect(await changeOf({})).toBeGreaterThan(0.1);
    expect(await changeOf({ clipNorm: 0.01 })).toBeCloseTo(0.01, 5);
  });

  describe('with frozen layers', () => {
    const frozen = new Set(['conv', 'norm']);
    const ofLayers = (engine: TrainingEngine, layers: ReadonlySet<string>) =>
      new Map([...copyOf(engine.state)].filter(([name]) => layers.has(layerOfParameter(name))));

    it('leaves their weights and statistics as they are, and keeps no slots for them', async () => {
      const engine = open();
      await engine.step(input(6, 0));
      await engine.enter({ frozen });
      const before = ofLayers(engine, frozen);
      expect([...before.keys()].filter((name) => name.includes('/'))).toEqual([]);
      const head = ofLayers(engine, new Set(['dense1']));
      await engine.step(input(6, 1));
      expect(ofLayers(engine, frozen)).toEqual(before);
      expect(ofLayers(engine, new Set(['dense1']))).not.toEqual(head);
      expect(engine.trainable).toBe(200 * 16 + 16 + 16 * 3 + 3);
      expect(open().trainable).toBe(engine.trainable + 8 * 27 + 8 + 16);
    });

    it('trains and infers with the features of the front as with the pictures', async () => {
      const [whole, cached] = [open(), open()];
      for (const engine of [whole, cached]) await engine.enter({ frozen });
      // Up to the flattening; then come weights that are trained.
      expect(cached.front).toEqual({ layers: 4, shape: [200] });
      const { images, ...rest } = input(6, 0);
      const features = await cached.features(images);
      expect(features).toHaveLength(6 * 200);
      for (let step = 0; step < 5; step++) {
        const one = await whole.step({ ...rest, images, step });
        const other = await cached.step({ ...rest, features, step });
        expect(other.loss).toBeCloseTo(one.loss, 6);
      }
      for (const [name, { data }] of whole.state) {
        data.forEach((value, index) => expect(cached.state.get(name)!.data[index], name).toBeCloseTo(value, 6));
      }
      const { logits } = await whole.infer({ images });
      (await cached.infer({ features })).logits.forEach((value, index) => expect(value).toBeCloseTo(logits[index]!, 5));
    });

    it.each([
      ['baseline', 67],
      ['levi-hassner', 67],
      ['face-resnet', 131],
    ])('does so for %s with its backbone frozen', async (name, side) => {
      const model = getModel(name);
      const specs = parameterSpecs(model, { imageSize: side, classes });
      const weighted = new Set(specs.map((spec) => layerOfParameter(spec.name)));
      const backbone = chosenLayers(model.layers(classes), ['backbone'], weighted, 'freeze');
      const [whole, cached] = [0, 1].map(() => open({ network: model, imageSize: side }));
      for (const engine of [whole!, cached!]) await engine.enter({ frozen: backbone });
      const images = randomTensor([3, 3, side, side], 2, 0, 1).data;
      const rest = { targets: input(3, 0).targets, weights: new Float32Array(3).fill(1), learningRate: 0.01 };
      const features = await cached!.features(images);
      for (let step = 0; step < 2; step++) {
        const one = await whole!.step({ ...rest, images, step });
        expect((await cached!.step({ ...rest, features, step })).loss).toBeCloseTo(one.loss, 5);
      }
      expect([...cached!.state.keys()]).toEqual([...whole!.state.keys()]);
      for (const [tensor, { data }] of whole!.state) {
        const other = cached!.state.get(tensor)!.data;
        expect(data.every((value, index) => Math.abs(value - other[index]!) < 1e-6), tensor).toBe(true);
      }
    });

    it('has no front where the first weights are trained', async () => {
      const engine = open();
      await engine.enter({ frozen: new Set(['norm']) });
      expect(engine.front).toBeUndefined();
    });

    it('starts the optimiser of layers that are unfrozen as at the first step, and their running mean with the weights', async () => {
      const engine = open({ optimiser: averaged(adamW({ weightDecay: 0 }), 0.9) });
      await engine.enter({ frozen });
      for (let step = 0; step < 20; step++) await engine.step(input(6, step, 1e-3));
      const before = copyOf(engine.state);
      await engine.enter({ frozen: new Set(), late: { layers: frozen, since: 20 } });
      expect(engine.state.get('dense1.kernel/mean')).toEqual(before.get('dense1.kernel/mean'));
      expect(engine.state.get('conv.kernel/mean')!.data.every((value) => value === 0)).toBe(true);
      expect(engine.state.get('conv.kernel/average')!.data).toEqual(before.get('conv.kernel')!.data);
      await engine.step(input(6, 20, 1e-3));
      // The first step of Adam is as long as the learning rate, but for gradients of zero. Counted from the start of the
      // training it would be 3 times as long.
      const changes = engine.state.get('conv.kernel')!.data.map((value, index) => Math.abs(value - before.get('conv.kernel')!.data[index]!));
      expect(Math.max(...changes)).toBeCloseTo(1e-3, 5);
    });
  });

  it('refuses pictures that are too small, before anything is run', () => {
    expect(() => open({ network: baseline, imageSize: 20 })).toThrow(ShapeError);
  });

  it('does not grow over 200 steps', async () => {
    // 3 MB of parameters: a copy of them lost in every tenth step would show.
    const wide: NetworkDefinition = {
      name: 'wide',
      layers: () => [
        convolutionLayer('conv', { filters: 32, kernel: 3, initialise: heNormal, activation: 'relu' }),
        flattenLayer('flatten'),
        denseLayer('dense1', { units: 240, initialise: heNormal, activation: 'relu' }),
        dropoutLayer('dropout', 0.5),
        denseLayer('dense2', { units: classes, initialise: heNormal }),
      ],
    };
    const engine = open({ network: wide });
    const same = input(4, 0);
    for (let step = 0; step < 50; step++) await engine.step({ ...same, step });
    const before = process.memoryUsage().rss;
    for (let step = 50; step < 250; step++) await engine.step({ ...same, step });
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(30);
  });
});
