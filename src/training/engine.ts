import { PURPOSE, randomStream } from '../base/random.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import type { ParameterSpec } from '../nn/layer.js';
import type { MaskSpec } from '../nn/network.js';
import { layerOfParameter, parameterSpecs } from '../nn/network.js';
import { lateScalar, nextOf } from '../nn/training-step.js';
import type { Device } from '../runtime/device.js';
import { capabilitiesOf, keepsTensors } from '../runtime/device.js';
import type { DeviceTensor } from '../runtime/device-tensor.js';
import { Session } from '../runtime/session.node.js';
import { averageOf } from './checkpoint.js';
import type { Front, InputKind, ReadyGraph, Stage, TrainedSetting } from './engine-graphs.js';
import { StageGraphs } from './engine-graphs.js';
import { TrainedTensors } from './trained-tensors.js';

export interface EngineOptions extends Omit<TrainedSetting, 'capabilities'> {
  readonly seed: number;
  /** What computes; the processor by default. */
  readonly device?: Device;
  /** Threads of ONNX Runtime on the processor; the number of cores by default. */
  readonly threads?: number;
}

/** Pictures [N, 3, H, W], 0..1, or the features [N, ...] that the front of the network gives for them. */
export type NetworkInput = { readonly images: Float32Array } | { readonly features: Float32Array };

export type StepInput = NetworkInput & {
  /** [N, classes] */
  readonly targets: Float32Array;
  /** [N] */
  readonly weights: Float32Array;
  /** For a network that tells ages by single years. */
  readonly ages?: AgeInput;
  /** Counted from 0 over the whole training; names the dropout masks. */
  readonly step: number;
  readonly learningRate: number;
};

/** What is known of the ages of a batch; see `ageLoss`. */
export interface AgeInput {
  /** [N, years] */
  readonly distributions: Float32Array;
  /** [N], in years */
  readonly ages: Float32Array;
  /** [N] */
  readonly weights: Float32Array;
}

export interface StepOutput {
  readonly loss: number;
  /** [N, classes], before the update. */
  readonly logits: Float32Array;
}

export interface Inference {
  /** [N, classes] */
  readonly logits: Float32Array;
  /** The loss of the ages, if they were given, averaged over the batch as in a step; else 0. */
  readonly ageLoss: number;
}

/** A session for a batch of more pixels than this borrows a gigabyte or more, and keeps it until it is disposed of. */
const LARGE_BATCH = 2 ** 18;

interface LoadedGraph {
  readonly session: Session;
  readonly inputs: ReadonlySet<string>;
}

type LoadedStep = LoadedGraph & {
  readonly masks: readonly MaskSpec[];
  readonly outputs: readonly string[];
};

/** The parameters of a network and the sessions that train and apply it. */
export class TrainingEngine {
  readonly #options: EngineOptions;
  readonly #setting: TrainedSetting;
  /** What computes. */
  readonly device: Device;
  readonly #specs: readonly ParameterSpec[];
  readonly #steps = new Map<string, LoadedStep>();
  readonly #forward = new Map<string, LoadedGraph>();
  readonly #tensors = new TrainedTensors();
  #stage: Stage = { frozen: new Set() };
  #graphs: StageGraphs;
  #slots: readonly { readonly name: string; readonly shape: readonly number[] }[] = [];
  /** Number of single years that the network tells ages by, if it does. */
  readonly years: number | undefined;

  /** Draws the initial parameters. All of them are trained. @throws {ShapeError} when the pictures are too small for the network. */
  constructor(options: EngineOptions) {
    const { network, imageSize, classes, seed } = options;
    this.#options = options;
    this.device = options.device ?? 'cpu';
    this.#setting = { ...options, capabilities: capabilitiesOf(this.device) };
    this.#graphs = new StageGraphs(this.#setting, this.#stage);
    this.#specs = parameterSpecs(network, { imageSize, classes });
    const drawn = this.#specs.map(({ name, shape, initialise }, index) => {
      const random = randomStream(seed, PURPOSE.initialise, index);
      return [name, floatTensor(initialise(shape, random), shape)] as const;
    });
    this.#tensors.replace(new Map(drawn));
    this.years = this.#layOut();
  }

  /** What the network consists of. */
  get specs(): readonly ParameterSpec[] {
    return this.#specs;
  }

  /** Number of parameters that the optimiser changes now. */
  get trainable(): number {
    const { frozen } = this.#stage;
    const trained = this.#specs.filter(({ name, trainable }) => trainable && !frozen.has(layerOfParameter(name)));
    return trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /** The layers that give the same for a picture at every step now, and what they give; see `features`. */
  get front(): Front | undefined {
    return this.#graphs.front;
  }

  /**
   * Trains other layers from now on. What the optimiser keeps for those that are trained already stays; for the others it
   * starts with zeros, and running means with the weights themselves.
   */
  async enter(stage: Stage): Promise<void> {
    await this.dispose();
    this.#stage = stage;
    this.#graphs = new StageGraphs(this.#setting, stage);
    this.#layOut();
  }

  /** Names and shapes of everything that a checkpoint must hold. */
  get stateSpecs(): { name: string; shape: readonly number[] }[] {
    return this.#tensors.names.map((name) => ({ name, shape: this.#tensors.shapeOf(name) }));
  }

  /** Brings what the steps so far have made from the device, so that `state` can be read. */
  async read(): Promise<void> {
    await this.#tensors.read();
  }

  /**
   * Parameters and optimiser slots by name. The arrays are reused by later steps: copy what must stay.
   * @throws {EngineError} where `read` was not called after the last step on a device
   */
  get state(): ReadonlyMap<string, HostTensor<'float32'>> {
    return this.#tensors.here;
  }

  /** The parameters alone; see `state`. */
  get parameters(): ReadonlyMap<string, HostTensor<'float32'>> {
    const slots = new Set(this.#slots.map(({ name }) => name));
    return new Map([...this.state].filter(([name]) => !slots.has(name)));
  }

  /** Takes over values by name; tensors that are not mentioned stay as they are. Shapes must have been checked. */
  async load(tensors: ReadonlyMap<string, HostTensor>): Promise<void> {
    await this.#tensors.leaveDevice();
    this.#tensors.load(tensors);
  }

  /** Whether all parameters and slots are finite numbers. */
  async isFinite(): Promise<boolean> {
    await this.read();
    return [...this.state.values()].every(({ data }) => data.every(Number.isFinite));
  }

  /** One step of the optimiser. */
  async step(input: StepInput): Promise<StepOutput> {
    const batch = input.weights.length;
    const { session, inputs, masks, outputs } = await this.#loadedStep(batch, kindOf(input));
    const feeds: Record<string, HostTensor | DeviceTensor> = {
      ...this.#inputTensor(input),
      targets: floatTensor(input.targets, [batch, this.#options.classes]),
      weights: floatTensor(input.weights, [batch]),
      ...this.#ageTensors(input.ages),
      ...this.#scalars(input),
    };
    masks.forEach((mask, index) => (feeds[mask.name] = this.#drawMask(mask, input.step, index)));
    for (const name of this.#tensors.names) if (inputs.has(name)) feeds[name] = this.#tensors.newest(name);
    const changed = this.#tensors.names.filter((name) => outputs.includes(nextOf(name)));
    const fetches: Record<string, HostTensor | undefined> = { loss: undefined, logits: undefined };
    const stays = keepsTensors(this.device);
    for (const name of changed) fetches[nextOf(name)] = stays ? undefined : this.#tensors.spare(name);
    const results = await session.runResident(feeds, { fetches });
    this.#tensors.advance(changed, results, nextOf);
    const { loss, logits } = results.outputs;
    return { loss: (loss!.data as Float32Array)[0]!, logits: logits!.data as Float32Array };
  }

  /** What the network says in inference mode, with averaged weights where they are kept. */
  async infer({ ages, ...input }: NetworkInput & { readonly ages?: AgeInput }): Promise<Inference> {
    const pictures = this.#inputTensor(input);
    const batch = Object.values(pictures)[0]!.shape[0]!;
    const kind = kindOf(input);
    const key = `${kind} ${batch}${ages ? ' ages' : ''}`;
    const tensors = { ...pictures, ...this.#ageTensors(ages) };
    const { logits, age_loss: ageLoss } = await this.#apply(key, tensors, () => this.#graphs.forward(batch, kind, ages !== undefined));
    return { logits: logits!.data as Float32Array, ageLoss: ageLoss ? (ageLoss.data as Float32Array)[0]! : 0 };
  }

  /** What the front of the network gives for pictures [N, 3, H, W]: [N, ...]. There must be one. */
  async features(images: Float32Array): Promise<Float32Array> {
    const tensors = this.#inputTensor({ images });
    const batch = tensors['images']!.shape[0]!;
    const { features } = await this.#apply(`front ${batch}`, tensors, () => this.#graphs.features(batch));
    return features!.data as Float32Array;
  }

  /** Frees the memory of the sessions and of the device; the parameters stay. */
  async dispose(): Promise<void> {
    await this.#tensors.leaveDevice();
    for (const { session } of this.#steps.values()) await session.dispose();
    for (const { session } of this.#forward.values()) await session.dispose();
    this.#steps.clear();
    this.#forward.clear();
  }

  /** Makes a place for each slot of the optimiser, in the order of a checkpoint. @returns the years of the network */
  #layOut(): number | undefined {
    const { slots, years } = this.#graphs.step(1, 'images');
    const known = this.state;
    this.#slots = slots;
    const next = new Map(this.#specs.map(({ name }) => [name, known.get(name)!]));
    for (const { name, shape } of slots) {
      const parameter = name.slice(0, name.indexOf('/'));
      const isLateAverage = this.#stage.late !== undefined && name === averageOf(parameter);
      const start = isLateAverage ? known.get(parameter)!.data.slice() : new Float32Array(sizeOf(shape));
      next.set(name, known.get(name) ?? floatTensor(start, shape));
    }
    this.#tensors.replace(next);
    return years;
  }

  #inputTensor(input: NetworkInput): Record<string, HostTensor<'float32'>> {
    const { imageSize } = this.#options;
    const shape = 'images' in input ? [3, imageSize, imageSize] : this.front!.shape;
    const data = 'images' in input ? input.images : input.features;
    return { [kindOf(input)]: floatTensor(data, [data.length / sizeOf(shape), ...shape]) };
  }

  #ageTensors(known: AgeInput | undefined): Record<string, HostTensor<'float32'>> {
    if (known === undefined) return {};
    const { distributions, ages, weights } = known;
    return {
      year_targets: floatTensor(distributions, [ages.length, this.years!]),
      ages: floatTensor(ages, [ages.length]),
      age_weights: floatTensor(weights, [ages.length]),
    };
  }

  #scalars({ step, learningRate }: StepInput): Record<string, HostTensor<'float32'>> {
    const { optimiser } = this.#options;
    const { late } = this.#stage;
    const values = Object.entries(optimiser.scalars(step, learningRate));
    const lateValues = late === undefined ? [] : Object.entries(optimiser.scalars(step - late.since, learningRate));
    const all = [...values, ...lateValues.map(([name, value]) => [lateScalar(name), value] as const)];
    return Object.fromEntries(all.map(([name, value]) => [name, floatTensor([value], [])]));
  }

  async #apply(
    key: string,
    tensors: Readonly<Record<string, HostTensor>>,
    build: () => ReadyGraph,
  ): Promise<Record<string, HostTensor>> {
    const known = this.#forward.get(key);
    const { session, inputs } = known ?? (await this.#load(build()));
    if (!known) this.#forward.set(key, { session, inputs });
    const feeds: Record<string, HostTensor | DeviceTensor> = { ...tensors };
    for (const { name } of this.#specs) {
      const average = averageOf(name);
      if (inputs.has(name)) feeds[name] = this.#tensors.newest(this.#tensors.has(average) ? average : name);
    }
    return await session.run(feeds);
  }

  async #loadedStep(batch: number, kind: InputKind): Promise<LoadedStep> {
    const key = `${kind} ${batch}`;
    const known = this.#steps.get(key);
    if (known) return known;
    const { masks, outputs, ...graph } = this.#graphs.readyStep(batch, kind);
    const resident = outputs.filter((name) => name !== 'loss' && name !== 'logits');
    const made = { ...(await this.#load(graph, resident)), masks, outputs };
    this.#steps.set(key, made);
    return made;
  }

  /**
   * On the processor, a new session should find the memory of a large one free: that is made again when its turn comes, in a
   * second or so. Those of a device share their memory.
   */
  async #load({ model, inputs }: ReadyGraph, resident: readonly string[] = []): Promise<LoadedGraph> {
    const isLarge = (key: string): boolean => {
      const [kind, batch] = key.split(' ');
      return kind !== 'features' && Number(batch) * this.#options.imageSize ** 2 > LARGE_BATCH;
    };
    const keys = [...this.#steps.keys(), ...this.#forward.keys()];
    if (this.device === 'cpu' && keys.some(isLarge)) await this.dispose();
    const { threads } = this.#options;
    const session = await Session.create(model, { device: this.device, resident, ...(threads === undefined ? {} : { threads }) });
    return { session, inputs };
  }

  #drawMask({ shape, rate }: MaskSpec, step: number, layer: number): HostTensor<'float32'> {
    const random = randomStream(this.#options.seed, PURPOSE.dropout, step, layer);
    const kept = 1 / (1 - rate);
    const mask = new Float32Array(sizeOf(shape));
    for (let index = 0; index < mask.length; index++) mask[index] = random.uniform() < rate ? 0 : kept;
    return floatTensor(mask, shape);
  }
}

function kindOf(input: NetworkInput): InputKind {
  return 'images' in input ? 'images' : 'features';
}
