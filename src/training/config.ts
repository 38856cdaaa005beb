import { resolve } from 'node:path';
import { z } from 'zod';
import { ALIGNMENT_TEMPLATES, alignmentSchema } from '../base/alignment.js';
import { classNamesSchema } from '../base/classes.js';
import { isAddress } from '../base/download.node.js';
import { ConfigError } from '../base/errors.js';
import { parseSettings } from '../base/settings.js';
import { AGE_BANDS, parseBandList, spansOfClasses } from '../data/bands.js';
import type { Augmentation } from '../images/augment.js';
import { OLDEST_YEAR, overYears } from '../models/over-years.js';
import { getModel } from '../models/registry.js';
import { describedNetwork, networkDescription } from '../nn/description.js';
import type { NetworkDefinition } from '../nn/network.js';
import type { Optimiser } from '../nn/optimisers.js';
import { adamW, averaged, sgd } from '../nn/optimisers.js';
import type { Schedule } from '../nn/schedules.js';
import { constantRate, cosineDecay, stepDecay, timeDecay, withFactor, withWarmUp } from '../nn/schedules.js';
import { DEVICE_CHOICES } from '../runtime/device.js';
import { AUGMENTATION_OPTIONS, augmentationFields, augmentationRanges } from './augmentation-options.js';
import { freezes, frozenEpochs, transferFields } from './transfer-options.js';

const share = z.number().min(0).max(1);
const nonNegative = z.number().min(0);
const count = z.number().int().min(1);

/** Everything that decides what a training run computes. The defaults are the report's. */
export const configSchema = z.strictObject({
  /** Folder of `train/ valid/ test/`, folder of classes, or CSV manifest; of an imported run the file it came from. */
  data: z.string().min(1),
  /** Folder that the file names of a manifest start from; its own folder by default. */
  root: z.string().optional(),
  model: z.string().default('baseline'),
  /** The layers of a network that is not among the registered ones; `model` is what it is called. */
  network: networkDescription.optional(),
  /** Height and width of the network's input, in pixels. */
  imageSize: count.default(227),
  /**
   * How the faces in the pictures were aligned, with the margin, as `ageband crop` has it. The model tells it to whoever
   * feeds it, and nothing else depends on it.
   */
  alignment: z.enum(ALIGNMENT_TEMPLATES).optional(),
  alignmentMargin: alignmentSchema.shape.margin.default(0),
  batchSize: count.default(50),
  epochs: count.default(40),
  optimiser: z.enum(['sgd', 'adamw']).default('sgd'),
  learningRate: z.number().positive().default(0.001),
  /** Of sgd. */
  momentum: share.default(0),
  nesterov: z.boolean().default(false),
  /** Of adamw, decoupled. */
  weightDecay: nonNegative.default(0),
  schedule: z.enum(['time', 'constant', 'cosine', 'step']).default('time'),
  /** Of the schedule `time`: the rate is divided by 1 + decay · steps. */
  decay: nonNegative.default(1e-5),
  /** Of the schedule `step`: epochs between drops. */
  stepSize: count.default(10),
  /** Of the schedule `step`: what the rate is multiplied by at each drop. */
  stepFactor: share.default(0.1),
  /** Steps over which the rate rises to its start. */
  warmup: z.number().int().min(0).default(0),
  /**
   * What the network learns to tell: `bands` directly, or `years`, a distribution over single years, of which the
   * probabilities of the bands are sums. For years, pictures need ages, and those between two bands are of use as well.
   */
  target: z.enum(['bands', 'years']).default('bands'),
  /** Of the target `years`: standard deviation of the distribution that stands for an age, in years. */
  ageSpread: z.number().positive().default(2),
  /** Share of each label that is spread evenly over all classes. */
  labelSmoothing: share.default(0),
  /** `balanced`: the loss of a picture is weighted by the inverse frequency of its class. */
  classWeights: z.enum(['none', 'balanced']).default('none'),
  /** Decay of a running mean of the weights, which is what is validated and exported; 0 keeps none. */
  averageDecay: z.number().min(0).lt(1).default(0),
  /** Largest common norm of the gradients. */
  clipNorm: z.number().positive().optional(),
  /** Epochs without a lower validation loss after which training stops. */
  earlyStopping: count.optional(),
  /** Epochs between kept checkpoints. */
  checkpointEvery: count.default(3),
  ...transferFields,
  augment: z.boolean().default(true),
  ...augmentationFields,
  seed: z.number().int().min(0).max(0xffffffff).default(1),
  /** Use only so many pictures, drawn evenly over classes and splits. */
  limit: count.optional(),
  /** Shares of the splits, for data that is not split yet. */
  train: share.default(0.6),
  valid: share.default(0.2),
  test: share.default(0.2),
  /** What computes; see `DEVICES`. A run may be resumed on another one. */
  device: z.enum(DEVICE_CHOICES).default('cpu'),
  /** Threads of ONNX Runtime on the processor; one per core by default. */
  threads: count.optional(),
  /** Threads that read pictures. */
  workers: z.number().int().min(0).default(1),
  /** File with weights to start from, or its address; see `readPretrained`. */
  weights: z.string().min(1).optional(),
  /** Run whose best weights training starts from. */
  from: z.string().optional(),
  /** Whether the network was imported: the run then has no pictures and no history, and does not go on by itself. */
  imported: z.boolean().optional(),
  /** Names of the classes; `bands`, or else those of the data set, by default. */
  classes: classNamesSchema.optional(),
});

export type TrainConfig = z.infer<typeof configSchema>;

/** The report's settings. */
export const DEFAULT_CONFIG: Omit<TrainConfig, 'data'> = (() => {
  const { data: _data, ...rest } = configSchema.parse({ data: '.' });
  return rest;
})();

/** Checks settings and fills in the defaults. @throws {ConfigError} naming every option that cannot be used. */
export function parseConfig(settings: unknown): TrainConfig {
  return parseSettings(configSchema, settings);
}

/** Options that count under a condition alone. */
const CONDITIONS: readonly (readonly [options: readonly (keyof TrainConfig)[], holds: (config: TrainConfig) => boolean, name: string])[] =
  [
    [['momentum', 'nesterov'], ({ optimiser }) => optimiser === 'sgd', 'the optimiser sgd'],
    [['nesterov'], ({ momentum }) => momentum > 0, 'a momentum above 0'],
    [['weightDecay'], ({ optimiser }) => optimiser === 'adamw', 'the optimiser adamw'],
    [['alignmentMargin'], ({ alignment }) => alignment !== undefined, 'an alignment'],
    [['ageSpread'], ({ target }) => target === 'years', 'the target years'],
    [['decay'], ({ schedule }) => schedule === 'time', 'the schedule time'],
    [['stepSize', 'stepFactor'], ({ schedule }) => schedule === 'step', 'the schedule step'],
    [['unfreezeAt', 'featureCache'], freezes, 'layers to freeze'],
    [['unfreezeAt'], ({ unfreezeAt = 0, epochs }) => unfreezeAt <= epochs, 'at least as many epochs'],
    [['unfreezeFactor'], ({ unfreezeAt }) => unfreezeAt !== undefined, 'an epoch to unfreeze at'],
    [AUGMENTATION_OPTIONS, ({ augment }) => augment, 'augmentation'],
  ];

/**
 * Checks that every option that was given has an effect, unless it asks for what holds anyway.
 * @param config what the given options come to, together with defaults and what is taken from another run
 * @throws {ConfigError} naming an option that would be ignored, and what it goes with
 */
export function requireEffect(given: Readonly<Record<string, unknown>>, config: TrainConfig): void {
  const defaults: Readonly<Record<string, unknown>> = DEFAULT_CONFIG;
  for (const [options, holds, name] of CONDITIONS) {
    const ignored = options.find((option) => option in given && given[option] !== defaults[option]);
    if (ignored === undefined || holds(config)) continue;
    throw new ConfigError(`${ignored}: counts with ${name} alone, got ${JSON.stringify(given[ignored])}`, {
      hint: 'Leave it out, or choose what it goes with.',
    });
  }
}

/** The classes that a run is to have whatever its data name; undefined where the data decide. */
export function givenClasses({ bands, classes }: Pick<TrainConfig, 'bands' | 'classes'>): string[] | undefined {
  return bands === undefined ? classes : parseBandList(bands);
}

/**
 * The network that a run trains.
 * @throws {ConfigError} when there is no model of that name, or the target is years and a class is no age band
 */
export function networkOf(config: Pick<TrainConfig, 'model' | 'network' | 'target' | 'classes'>): NetworkDefinition {
  const { model, network, target, classes = AGE_BANDS } = config;
  const plain = network === undefined ? getModel(model) : describedNetwork(model, network);
  if (target !== 'years' || network?.at(-1)?.kind === 'BandsOfYears') return plain;
  const spans = spansOfClasses(classes);
  if (spans === undefined) throw new ConfigError(`target: years make age bands alone, and the classes are ${classes.join(', ')}`);
  return overYears(plain, spans.map(({ from, to }) => [from, to ?? OLDEST_YEAR]));
}

/** Paths that stay right when a run is resumed from another working folder. */
export function withAbsolutePaths(config: TrainConfig): TrainConfig {
  const { data, root, from, weights } = config;
  return {
    ...config,
    data: resolve(data),
    ...(root === undefined ? {} : { root: resolve(root) }),
    ...(from === undefined ? {} : { from: resolve(from) }),
    ...(weights === undefined ? {} : { weights: isAddress(weights) ? weights : resolve(weights) }),
  };
}

export function optimiserOf(config: TrainConfig): Optimiser {
  const { momentum, nesterov, weightDecay, averageDecay } = config;
  const plain = config.optimiser === 'sgd' ? sgd({ momentum, nesterov }) : adamW({ weightDecay });
  return averageDecay > 0 ? averaged(plain, averageDecay) : plain;
}

export function scheduleOf(config: TrainConfig, stepsPerEpoch: number): Schedule {
  const { learningRate, warmup, unfreezeFactor = 1 } = config;
  const schedules: Record<TrainConfig['schedule'], () => Schedule> = {
    constant: () => constantRate(learningRate),
    time: () => timeDecay(learningRate, config.decay),
    cosine: () => cosineDecay(learningRate, Math.max(1, config.epochs * stepsPerEpoch - warmup)),
    step: () => stepDecay(learningRate, config.stepFactor, config.stepSize * stepsPerEpoch),
  };
  const plain = withWarmUp(schedules[config.schedule](), warmup);
  return freezes(config) ? withFactor(plain, unfreezeFactor, frozenEpochs(config) * stepsPerEpoch) : plain;
}

/** How training pictures are varied; undefined when they are not. */
export function augmentationOf(config: TrainConfig): Augmentation | undefined {
  return config.augment ? augmentationRanges(config) : undefined;
}
