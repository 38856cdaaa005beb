import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EngineError } from '../src/base/errors.js';
import { floatTensor } from '../src/base/tensor.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from '../src/graph/capabilities.js';
import { Graph } from '../src/graph/graph.js';
import { lowered } from '../src/graph/lowering.js';
import { add, expand, reduceMax, reduceMean } from '../src/graph/operators/index.js';
import { serialise } from '../src/graph/serialise.js';
import { baselineLayers } from '../src/models/baseline.js';
import { faceResnetLayers } from '../src/models/face-resnet.js';
import { leviHassnerLayers } from '../src/models/levi-hassner.js';
import { overYears } from '../src/models/over-years.js';
import { heNormal } from '../src/nn/initialisers.js';
import { batchNormLayer, convolutionLayer, denseLayer, dropoutLayer, flattenLayer, maxPoolLayer } from '../src/nn/layers/index.js';
import type { NetworkDefinition } from '../src/nn/network.js';
import { adamW, averaged, sgd } from '../src/nn/optimisers.js';
import type { TrainingStepOptions } from '../src/nn/training-step.js';
import { buildTrainingStep } from '../src/nn/training-step.js';
import type { Device } from '../src/runtime/device.js';
import { readTensors } from '../src/runtime/read-tensors.node.js';
import { Session } from '../src/runtime/session.node.js';
import { loadCheckpoint } from '../src/training/checkpoint.js';
import type { EngineOptions, StepInput } from '../src/training/engine.js';
import { TrainingEngine } from '../src/training/engine.js';
import { readEnvironment } from '../src/training/environment.js';
import type { TrainingEvent } from '../src/training/events.js';
import { continueRun } from '../src/training/run.js';
import { RunFolder } from '../src/training/run-folder.js';
import { temporaryFolder } from './support/folder.js';
import { randomTensor, relativeDifference } from './support/numeric.js';
import { fallbacks, profiledRun } from './support/profile.js';
import { start, writePictures } from './support/training.js';
import { WEBGPU_PROBLEM } from './support/webgpu.js';

const CLASSES = 3;
const BATCH = 2;
/** The least height and width that the report's network takes. */
const SIZE = 37;

/** The report's network, with fewer channels; as many as take each way through the gradient of a convolution. */
const report: NetworkDefinition = {
  name: 'report',
  layers: (classes) => baselineLayers({ filters: [16, 18, 8], units: [16, 8] }, classes),
};
const leviHassner: NetworkDefinition = {
  name: 'levi-hassner',
  layers: (classes) =>
    leviHassnerLayers({ filters: [4, 6, 8], units: [8, 8] }, { size: 5, alpha: 0.5, beta: 0.75, bias: 1 }, classes),
};
const residual: NetworkDefinition = {
  name: 'residual',
  layers: (classes) => faceResnetLayers(4, [{ name: 'stage1', channels: 6, halves: true, blocks: 1 }], classes),
};
/** What has all kinds of layers of the report's network, for steps that take milliseconds. */
const small: NetworkDefinition = {
  name: 'small',
  layers: (classes) => [
    convolutionLayer('conv', { filters: 8, kernel: 3, initialise: heNormal, activation: 'relu' }),
    maxPoolLayer('pool', 3, 2),
    batchNormLayer('norm'),
    flattenLayer('flatten'),
    dropoutLayer('dropout', 0.5),
    denseLayer('dense', { units: classes, initialise: heNormal }),
  ],
};
const SMALL_SIZE = 12;
const plainDescent = sgd({ momentum: 0, nesterov: false });

interface Training {
  readonly title: string;
  readonly network: NetworkDefinition;
  readonly options: Pick<TrainingStepOptions, 'optimiser'> & Partial<TrainingStepOptions>;
}

const TRAININGS: Training[] = [
  { title: "the report's network and optimiser", network: report, options: { optimiser: plainDescent } },
  {
    title: 'local response normalisation, AdamW, a running mean and clipped gradients',
    network: leviHassner,
    options: { imageSize: 67, optimiser: averaged(adamW({ weightDecay: 0.01 }), 0.9), clipNorm: 0.1 },
  },
  {
    title: 'residual blocks, single years and Nesterov momentum',
    network: overYears(residual, [[0, 20], [21, 60], [61, 100]]),
    options: { optimiser: sgd({ momentum: 0.9, nesterov: true }) },
  },
];

function stepGraph({ network, options }: Training, capabilities: TrainingStepOptions['capabilities']): Graph {
  const sizes = { batch: BATCH, imageSize: SIZE, classes: CLASSES };
  return buildTrainingStep(network, { ...sizes, ...options, ...(capabilities && { capabilities }) }).graph;
}

/** Numbers for every input of a graph that make sense as whatever it is: the loss stays small and variances positive. */
function feedsFor(graph: Graph) {
  const feeds = graph.inputs.map(({ name, shape }, index) => [name, randomTensor(shape, index, 0.05, name.endsWith('.kernel') ? -0.1 : 0.5)] as const);
  return Object.fromEntries(feeds);
}

describe.skipIf(WEBGPU_PROBLEM !== undefined)(`on WebGPU${WEBGPU_PROBLEM === undefined ? '' : ` (skipped: ${WEBGPU_PROBLEM})`}`, () => {
  it.each(TRAININGS)('a training step runs there as a whole, with the results of the processor: $title', async (training) => {
    const [there, here] = [COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES].map((capabilities) => stepGraph(training, capabilities)) as [Graph, Graph];
    const feeds = feedsFor(here);
    const { outputs, nodes } = await profiledRun(serialise(lowered(there, COMMON_CAPABILITIES)), feeds, 'webgpu');
    expect(nodes.length).toBeGreaterThan(100);
    expect(fallbacks(nodes)).toEqual([]);
    const expected = (await profiledRun(serialise(here), feeds, 'cpu')).outputs;
    expect(Object.keys(outputs)).toEqual(Object.keys(expected));
    for (const [name, { data }] of Object.entries(expected)) {
      const largest = (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const differences = (data as Float32Array).map((value, index) => Math.abs(value - (outputs[name]!.data as Float32Array)[index]!));
      expect(Math.max(...differences), name).toBeLessThanOrEqual(1e-4 * Math.max(1, largest));
    }
  });

  describe('an engine', () => {
    const open = (device: Device, changes: Partial<EngineOptions> = {}): TrainingEngine => {
      const engine = new TrainingEngine({
        ...{ network: small, imageSize: SMALL_SIZE, classes: CLASSES, seed: 5, threads: 1, device },
        ...{ optimiser: sgd({ momentum: 0.9, nesterov: false }), ...changes },
      });
      onTestFinished(() => engine.dispose());
      return engine;
    };
    const input = (step: number, batch = BATCH): StepInput & { readonly images: Float32Array } => {
      const targets = new Float32Array(batch * CLASSES);
      for (let row = 0; row < batch; row++) targets[row * CLASSES + (row % CLASSES)] = 1;
      const images = randomTensor([batch, 3, SMALL_SIZE, SMALL_SIZE], step, 0, 1).data;
      return { images, targets, weights: new Float32Array(batch).fill(1), step, learningRate: 0.1 };
    };

    it('trains, infers and hands its state over as on the processor, and keeps it when its sessions end', async () => {
      const [there, here] = [open('webgpu'), open('cpu')];
      for (const [step, batch] of [2, 1, 2].entries()) {
        const [got, expected] = [await there.step(input(step, batch)), await here.step(input(step, batch))];
        expect(got.loss).toBeCloseTo(expected.loss, 4);
      }
      const { images } = input(9);
      const { logits: expected } = await here.infer({ images });
      (await there.infer({ images })).logits.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
      expect(() => there.state).toThrow(EngineError);

      await there.dispose();
      for (const [name, tensor] of here.state) {
        expect(relativeDifference(there.state.get(name), tensor), name).toBeLessThan(1e-4);
      }
      const last = [await there.step(input(3)), await here.step(input(3))];
      expect(last[0]!.loss).toBeCloseTo(last[1]!.loss, 4);
      expect(await there.isFinite()).toBe(true);
    });

    it('takes over other values after a step', async () => {
      const engine = open('webgpu');
      const { state } = open('cpu', { seed: 6 });
      await engine.step(input(0));
      await engine.load(state);
      expect(engine.state).toEqual(state);
      const { logits: expected } = await open('cpu', { seed: 6 }).infer(input(1));
      (await engine.infer(input(1))).logits.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
    });
  });

  it.each<[Device, Device]>([['webgpu', 'cpu'], ['cpu', 'webgpu']])('a run that was begun on %s goes on on %s, and says so', async (first, second) => {
    const root = await temporaryFolder();
    const [data, out] = [join(root, 'data'), join(root, 'run')];
    await writePictures(data, ['a', 'b'], { train: [4, 4], valid: [1, 1] });
    const network = [
      { kind: 'Flatten', name: 'flatten' },
      { kind: 'Dense', name: 'dense', units: 2, bias: true, activation: 'linear' },
    ];
    const settings = { data, out, model: 'linear', network, imageSize: 16, device: first };
    expect((await start(settings, undefined, 1)).of('start')[0]).toMatchObject({ device: first });
    const told: TrainingEvent[] = [];
    await continueRun(out, (event) => told.push(event), new AbortController().signal, { device: second });
    expect(told.find(({ kind }) => kind === 'start')).toMatchObject({ device: second, resumedAt: { epoch: 2 } });
    expect(told.at(-1)).toMatchObject({ kind: 'end', reason: 'finished' });
    expect(await readEnvironment(new RunFolder(out))).toMatchObject({ device: second });
    // Of an uninterrupted run on the processor, within rounding.
    const whole = join(root, 'whole');
    await start({ ...settings, out: whole, device: 'cpu' });
    const [went, expected] = await Promise.all([out, whole].map((run) => loadCheckpoint(new RunFolder(run).checkpointFile('last'))));
    for (const [name, tensor] of expected!.tensors) {
      expect(relativeDifference(went!.tensors.get(name), tensor), name).toBeLessThan(1e-4);
    }
  });

  describe('tensors that stay there', () => {
    const shape = [500, 500];
    const openStep = async (): Promise<Session> => {
      const graph = new Graph();
      const x = graph.input('x', 'float32', shape);
      graph.output('next', add(x, 1));
      graph.output('mean', reduceMean(x));
      const session = await Session.create(serialise(graph), { device: 'webgpu', resident: ['next'] });
      onTestFinished(() => session.dispose().catch(() => undefined));
      return session;
    };
    const zeros = floatTensor(new Float32Array(500 * 500), shape);

    it('are fed to the next run, read, and no longer used once they were disposed of', async () => {
      const session = await openStep();
      const first = await session.runResident({ x: zeros });
      expect([Object.keys(first.outputs), Object.keys(first.resident)]).toEqual([['mean'], ['next']]);
      const second = await session.runResident({ x: first.resident['next']! });
      expect(second.outputs['mean']!.data).toEqual(Float32Array.of(1));
      const { copy } = await readTensors(new Map([['copy', second.resident['next']!]]));
      expect(copy!.shape).toEqual(shape);
      expect(copy!.data).toEqual(new Float32Array(500 * 500).fill(2));
      first.resident['next']!.dispose();
      await expect(session.run({ x: first.resident['next']! })).rejects.toThrow(EngineError);
      await session.dispose();
      await expect(readTensors(new Map([['copy', second.resident['next']!]]))).rejects.toThrow('was disposed of');
    });

    it('are refused by a session on the processor, which would read other memory', async () => {
      const session = await openStep();
      const { resident } = await session.runResident({ x: zeros });
      const graph = new Graph();
      graph.output('y', graph.input('x', 'float32', shape));
      const onProcessor = await Session.create(serialise(graph));
      onTestFinished(() => onProcessor.dispose());
      await expect(onProcessor.run({ x: resident['next']! })).rejects.toThrow('a tensor on webgpu is no input for a session on cpu');
    });

    it('are an error, with what to do, where they are larger than the device has room for, and the next run goes well', async () => {
      const graph = new Graph();
      graph.output('y', reduceMax(add(expand(graph.input('x', 'float32', [1]), [2 ** 22, 1024]), 1)));
      const session = await Session.create(serialise(graph), { device: 'webgpu' });
      onTestFinished(() => session.dispose());
      // 17 GB.
      await expect(session.run({ x: floatTensor([1], [1]) })).rejects.toMatchObject({
        ...{ code: 'ENGINE', message: expect.stringContaining('ONNX Runtime failed') as string, hint: expect.stringContaining('a smaller batch') as string },
      });
      const { outputs } = await (await openStep()).runResident({ x: zeros });
      expect(outputs['mean']!.data).toEqual(Float32Array.of(0));
    });

    it('take no more memory run after run', async () => {
      const session = await openStep();
      let { next } = (await session.runResident({ x: zeros })).resident;
      const run = async (): Promise<void> => {
        const before = next!;
        next = (await session.runResident({ x: before })).resident['next'];
        before.dispose();
      };
      for (let count = 0; count < 20; count++) await run();
      const before = process.memoryUsage().rss;
      // Of a million bytes each: kept, they would take 200 MB.
      for (let count = 0; count < 200; count++) await run();
      expect(process.memoryUsage().rss - before).toBeLessThan(40e6);
      expect(session.residentCount).toBe(1);
    });
  });
});
