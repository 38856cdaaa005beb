import { PURPOSE, randomStream } from '../base/random.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import type { ParameterSpec } from '../nn/layer.js';
import type { MaskSpec, NetworkDefinition } from '../nn/network.js';
import { buildNetwork } from '../nn/network.js';
import type { Optimiser } from '../nn/optimisers.js';
import type { TrainingStep } from '../nn/training-step.js';
import { buildTrainingStep, nextOf } from '../nn/training-step.js';
import { Session } from '../runtime/session.node.js';
import { averageOf } from './checkpoint.js';

export interface EngineOptions {
  readonly network: NetworkDefinition;
  readonly imageSize: number;
  readonly classes: number;
  readonly optimiser: Optimiser;
  readonly seed: number;
  readonly clipNorm?: number;
  /** Threads of ONNX Runtime; the number of cores by default. */
  readonly threads?: number;
}

export interface StepInput {
  /** [N, 3, H, W], 0..1 */
  readonly images: Float32Array;
  /** [N, classes] */
  readonly targets: Float32Array;
  /** [N] */
  readonly weights: Float32Array;
  /** For a network that tells ages by single years. */
  readonly ages?: AgeInput;
  /** Counted from 0 over the whole training; names the dropout masks. */
  readonly step: number;
  readonly learningRate: number;
}

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

/** A session for a batch of more pixels than this borrows a gigabyte or more, and keeps them until it is disposed of. */
const LARGE_BATCH = 2 ** 18;

interface CompiledStep {
  readonly session: Session;
  readonly masks: readonly MaskSpec[];
}

/**
 * The parameters of a network and the sessions that train and apply it. Each tensor exists twice: a step reads the one
 * and writes the other, then they change places, so that no step allocates.
 */
export class TrainingEngine {
  readonly #options: EngineOptions;
  readonly #specs: readonly ParameterSpec[];
  readonly #steps = new Map<number, CompiledStep>();
  readonly #forward = new Map<number, Session>();
  readonly #slotNames: readonly string[];
  /** Number of single years that the network tells ages by, if it does. */
  readonly years: number | undefined;
  #current = new Map<string, HostTensor<'float32'>>();
  #spare = new Map<string, HostTensor<'float32'>>();

  /** Draws the initial parameters. @throws {ShapeError} when the pictures are too small for the network. */
  constructor(options: EngineOptions) {
    this.#options = options;
    const step = this.#build(1);
    this.#specs = step.parameters;
    this.#slotNames = step.slots.map((slot) => slot.name);
    this.years = step.years;
    step.parameters.forEach((spec, index) => {
      const random = randomStream(options.seed, PURPOSE.initialise, index);
      this.#add(spec.name, floatTensor(spec.initialise(spec.shape, random), spec.shape));
    });
    for (const slot of step.slots) this.#add(slot.name, floatTensor(new Float32Array(sizeOf(slot.shape)), slot.shape));
  }

  /** What the network consists of. */
  get specs(): readonly ParameterSpec[] {
    return this.#specs;
  }

  /** Names and shapes of everything that a checkpoint must hold. */
  get stateSpecs(): { name: string; shape: readonly number[] }[] {
    return [...this.#current].map(([name, { shape }]) => ({ name, shape }));
  }

  /** Parameters and optimiser slots by name. The arrays are reused by later steps: copy what must stay. */
  get state(): ReadonlyMap<string, HostTensor<'float32'>> {
    return this.#current;
  }

  /** The parameters alone; see `state`. */
  get parameters(): ReadonlyMap<string, HostTensor<'float32'>> {
    const slots = new Set(this.#slotNames);
    return new Map([...this.#current].filter(([name]) => !slots.has(name)));
  }

  /** Takes over values by name; tensors that are not mentioned stay as they are. Shapes must have been checked. */
  load(tensors: ReadonlyMap<string, HostTensor>): void {
    for (const [name, tensor] of this.#current) {
      const source = tensors.get(name);
      if (source) tensor.data.set(source.data as Float32Array);
    }
  }

  /** Whether all parameters and slots are finite numbers. */
  isFinite(): boolean {
    return [...this.#current.values()].every(({ data }) => data.every(Number.isFinite));
  }

  /** One step of the optimiser. */
  async step(input: StepInput): Promise<StepOutput> {
    const batch = input.weights.length;
    const { classes, imageSize, optimiser } = this.#options;
    const { session, masks } = await this.#compiledStep(batch);
    const feeds: Record<string, HostTensor> = {
      images: floatTensor(input.images, [batch, 3, imageSize, imageSize]),
      targets: floatTensor(input.targets, [batch, classes]),
      weights: floatTensor(input.weights, [batch]),
    };
    if (input.ages) {
      const { distributions, ages, weights } = input.ages;
      feeds['year_targets'] = floatTensor(distributions, [batch, this.years!]);
      feeds['ages'] = floatTensor(ages, [batch]);
      feeds['age_weights'] = floatTensor(weights, [batch]);
    }
    for (const [name, value] of Object.entries(optimiser.scalars(input.step, input.learningRate))) {
      feeds[name] = floatTensor([value], []);
    }
    masks.forEach((mask, index) => (feeds[mask.name] = this.#drawMask(mask, input.step, index)));
    const fetches: Record<string, HostTensor | undefined> = { loss: undefined, logits: undefined };
    for (const [name, tensor] of this.#current) {
      feeds[name] = tensor;
      fetches[nextOf(name)] = this.#spare.get(name)!;
    }
    const { loss, logits } = await session.run(feeds, { fetches });
    [this.#current, this.#spare] = [this.#spare, this.#current];
    return { loss: (loss!.data as Float32Array)[0]!, logits: logits!.data as Float32Array };
  }

  /** Logits [N, classes] in inference mode for pictures [N, 3, H, W], with averaged weights where they are kept. */
  async infer(images: Float32Array): Promise<Float32Array> {
    const { imageSize } = this.#options;
    const batch = images.length / (3 * imageSize * imageSize);
    const session = await this.#forwardSession(batch);
    const feeds: Record<string, HostTensor> = { images: floatTensor(images, [batch, 3, imageSize, imageSize]) };
    for (const { name } of this.#specs) feeds[name] = this.#current.get(averageOf(name)) ?? this.#current.get(name)!;
    const { logits } = await session.run(feeds);
    return logits!.data as Float32Array;
  }

  /** Frees the memory of the sessions; the parameters stay. */
  async dispose(): Promise<void> {
    for (const { session } of this.#steps.values()) await session.dispose();
    for (const session of this.#forward.values()) await session.dispose();
    this.#steps.clear();
    this.#forward.clear();
  }

  #add(name: string, tensor: HostTensor<'float32'>): void {
    this.#current.set(name, tensor);
    this.#spare.set(name, floatTensor(new Float32Array(tensor.data.length), tensor.shape));
  }

  #build(batch: number): TrainingStep {
    const { network, imageSize, classes, optimiser, clipNorm } = this.#options;
    const clipping = clipNorm === undefined ? {} : { clipNorm };
    return buildTrainingStep(network, { batch, imageSize, classes, optimiser, ...clipping });
  }

  async #compiledStep(batch: number): Promise<CompiledStep> {
    const known = this.#steps.get(batch);
    if (known) return known;
    await this.#makeRoom();
    const { graph, masks } = this.#build(batch);
    const made = { session: await this.#session(serialise(graph)), masks };
    this.#steps.set(batch, made);
    return made;
  }

  async #forwardSession(batch: number): Promise<Session> {
    const known = this.#forward.get(batch);
    if (known) return known;
    await this.#makeRoom();
    const { network, imageSize, classes } = this.#options;
    const built = buildNetwork(network, { batch, imageSize, classes, training: false });
    built.graph.output('logits', built.logits);
    const session = await this.#session(serialise(rewrite(built.graph, [poolBeforeRelu]).graph));
    this.#forward.set(batch, session);
    return session;
  }

  /** A new session should find the memory of a large one free: it is made again when its turn comes, in a second or so. */
  async #makeRoom(): Promise<void> {
    const batches = [...this.#steps.keys(), ...this.#forward.keys()];
    if (batches.some((batch) => batch * this.#options.imageSize ** 2 > LARGE_BATCH)) await this.dispose();
  }

  #session(model: Uint8Array): Promise<Session> {
    const { threads } = this.#options;
    return Session.create(model, threads === undefined ? {} : { threads });
  }

  #drawMask({ shape, rate }: MaskSpec, step: number, index: number): HostTensor<'float32'> {
    const random = randomStream(this.#options.seed, PURPOSE.dropout, step, index);
    const kept = 1 / (1 - rate);
    return floatTensor(
      Float32Array.from({ length: sizeOf(shape) }, () => (random.uniform() < rate ? 0 : kept)),
      shape,
    );
  }
}
