import { dirname, resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { modelNames } from '../../models/registry.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { DEVICE_CHOICES } from '../../runtime/device.js';
import type { TrainConfig } from '../../training/config.js';
import { configSchema } from '../../training/config.js';
import type { Choice, Range, Value } from './parameters.js';
import { drawChoices, gridChoices, isList } from './parameters.js';
import { rungEpochs } from './scheduler.js';

/** What trials are compared by, on the validation pictures with the best weights of each; see `RunResult`. */
export const METRICS = ['loss', 'accuracy', 'oneOff', 'balancedAccuracy', 'meanClassError'] as const;
export type Metric = (typeof METRICS)[number];

/** Metrics of which less is better. */
const FALLING: readonly Metric[] = ['loss', 'meanClassError'];

/** Whether less of a metric is better. */
export function isFalling(metric: Metric): boolean {
  return FALLING.includes(metric);
}

/** Options that a sweep decides for all trials, and those that would change what trials are compared on. */
const DECIDED: readonly string[] = ['data', 'root', 'classes', 'device', 'threads'];
const COMMON: readonly string[] = ['train', 'valid', 'test', 'limit', 'bands', 'workers', 'checkpointEvery'];

const count = z.int().min(1);
/** A grid of three long lists could be more than memory holds. */
const MOST_TRIALS = 100_000;
const valueSchema = z.union([z.string(), z.number(), z.boolean()]);
const rangeSchema = z.strictObject({
  distribution: z.enum(['uniform', 'log-uniform', 'integer']),
  min: z.number(),
  max: z.number(),
});

/** Bytes of `8GB`, `500 MB` and the like; the units are powers of 1000. */
const memorySchema = z
  .string()
  .regex(/^\d+(\.\d+)?\s*[MG]B$/i, 'must be an amount such as 8GB or 500MB')
  .transform((text) => Number.parseFloat(text) * (/G/i.test(text) ? 1e9 : 1e6));

const fileSchema = z.strictObject({
  /** As for `train`; relative to the file of the sweep. */
  data: z.string().min(1),
  root: z.string().min(1).optional(),
  method: z.enum(['grid', 'random', 'asha']),
  metric: z.enum(METRICS).default('loss'),
  /** Of random and asha: how many there are. */
  trials: count.max(MOST_TRIALS).optional(),
  /** Of asha: epochs of the first rung and of the last, and how many times fewer trials each further rung has. */
  asha: z
    .strictObject({ minEpochs: count, maxEpochs: count, reductionFactor: z.number().min(2).default(3) })
    .optional(),
  /** Of what is drawn at random; `seed` under `fixed` is that of the trainings. */
  seed: z.int().min(0).max(0xffffffff).default(1),
  /** What computes. */
  device: z.enum(DEVICE_CHOICES).default('cpu'),
  /** Trials at a time, threads of each, and the memory that all together may take. */
  parallel: count.optional(),
  threads: count.optional(),
  memory: memorySchema.optional(),
  /** Goes on although subjects of the validation are also in training. */
  allowLeaks: z.boolean().default(false),
  /** Options of all trials. */
  fixed: z.record(z.string(), z.unknown()).default({}),
  /** Options that are varied. */
  parameters: z
    .record(z.string(), z.array(valueSchema).min(1).or(rangeSchema))
    .refine((parameters) => Object.keys(parameters).length > 0, 'must name at least one option'),
});
type SweepFile = z.output<typeof fileSchema>;

type Report = (path: (string | number)[], message: string) => void;

/** Checks a sweep; issues carry the way to what is wrong. */
export const sweepSchema = fileSchema.superRefine((sweep, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  checkMethod(sweep, report);
  for (const [name, value] of Object.entries(sweep.fixed)) {
    if (checkName(name, ['fixed', name], sweep, DECIDED, report)) checkValue(name, value, ['fixed', name], report);
  }
  for (const [name, values] of Object.entries(sweep.parameters)) {
    const path = ['parameters', name];
    if (!checkName(name, path, sweep, [...DECIDED, ...COMMON], report)) continue;
    if (name in sweep.fixed) report(path, 'stands under fixed as well');
    if (isList(values)) values.forEach((value, index) => checkValue(name, value, [...path, index], report));
    else checkRange(name, values, path, sweep, report);
  }
});

function checkMethod({ method, trials, asha, parameters }: SweepFile, report: Report): void {
  const combinations = Object.values(parameters).reduce((product, values) => product * (isList(values) ? values.length : 1), 1);
  if (method === 'grid' && combinations > MOST_TRIALS) {
    report(['parameters'], `a grid of ${combinations} trials is above the limit of ${MOST_TRIALS}: draw some with the method random`);
  }
  if (method === 'grid' && trials !== undefined) report(['trials'], 'a grid has as many trials as combinations: leave it out');
  if (method !== 'grid' && trials === undefined) report(['trials'], `the method ${method} needs a number of trials`);
  if (method === 'asha' && asha === undefined) report(['asha'], 'the method asha needs minEpochs and maxEpochs');
  if (method !== 'asha' && asha !== undefined) report(['asha'], `the method ${method} has no rungs: leave it out`);
  if (asha !== undefined && asha.minEpochs > asha.maxEpochs) report(['asha', 'minEpochs'], 'must not exceed maxEpochs');
}

/** Whether an option can stand there. */
function checkName(name: string, path: string[], { method }: SweepFile, decided: readonly string[], report: Report): boolean {
  const camel = name.replace(/^-+/, '').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!Object.hasOwn(configSchema.shape, name)) {
    report(path, `there is no such option${Object.hasOwn(configSchema.shape, camel) ? `; write ${camel}` : ''}`);
  } else if (decided.includes(name)) report(path, 'is the same for all trials and stands elsewhere, or cannot be chosen');
  else if (name === 'epochs' && method === 'asha') report(path, 'with asha, minEpochs and maxEpochs decide it');
  else return true;
  return false;
}

function checkValue(name: string, value: unknown, path: (string | number)[], report: Report): void {
  const parsed = configSchema.shape[name as keyof TrainConfig].safeParse(value);
  if (!parsed.success) report(path, parsed.error.issues.map(({ message }) => message).join('; '));
  else if (name === 'model' && !modelNames().includes(value as string)) report(path, `there is none but ${modelNames().join(', ')}`);
}

function checkRange(name: string, range: Range, path: string[], { method }: SweepFile, report: Report): void {
  const { distribution, min, max } = range;
  if (method === 'grid') report(path, 'a grid needs a list of values');
  if (min >= max) report([...path, 'max'], `must exceed min, ${min}`);
  if (distribution === 'log-uniform' && min <= 0) report([...path, 'min'], 'a logarithm needs bounds above 0');
  for (const bound of ['min', 'max'] as const) {
    if (distribution === 'integer' && !Number.isInteger(range[bound])) report([...path, bound], 'must be a whole number');
    else checkValue(name, range[bound], [...path, bound], report);
  }
  const middle = (min + max) / 2 + 0.123;
  if (distribution !== 'integer' && !configSchema.shape[name as keyof TrainConfig].safeParse(middle).success) {
    report([...path, 'distribution'], 'this option takes whole numbers: use integer');
  }
}

/** Everything that decides what the trials of a sweep are. */
export type SweepSettings = Omit<SweepFile, 'trials' | 'device' | 'parallel' | 'threads' | 'memory'> & {
  /** The order of the parameters, which is that of the trials of a grid. */
  readonly order: readonly string[];
};

export interface SweepPlan {
  readonly settings: SweepSettings;
  /** What each trial has for its own, in their order. */
  readonly choices: readonly Choice[];
  /** Epochs at the end of each rung; one, undefined, without rungs. */
  readonly rungs: readonly (number | undefined)[];
  readonly device: DeviceChoice;
  /** Trials at a time and threads of each, where the file says it. */
  readonly parallel: number | undefined;
  readonly threads: number | undefined;
  /** Bytes. */
  readonly memory: number | undefined;
}

/** @param file path of the sweep, which its own paths are relative to */
export function planSweep(sweep: SweepFile, file: string): SweepPlan {
  const { trials, device, parallel, threads, memory, ...rest } = sweep;
  const { parameters, method, seed, asha } = sweep;
  const place = (path: string): string => resolve(dirname(file), path);
  const from = typeof sweep.fixed['from'] === 'string' ? { from: place(sweep.fixed['from']) } : {};
  return {
    settings: {
      ...rest,
      data: place(sweep.data),
      ...(sweep.root === undefined ? {} : { root: place(sweep.root) }),
      fixed: { ...sweep.fixed, ...from },
      order: Object.keys(parameters),
    },
    choices:
      method === 'grid'
        ? gridChoices(parameters as Record<string, Value[]>)
        : drawChoices(parameters, seed, trials!),
    rungs: asha === undefined ? [undefined] : rungEpochs(asha.minEpochs, asha.maxEpochs, asha.reductionFactor),
    ...{ device, parallel, memory, threads },
  };
}

/** The same where all trials share the cores of this machine. */
export function planOnThisMachine(plan: SweepPlan): SweepPlan {
  const { parallel = 1, threads = Math.max(1, Math.floor(availableParallelism() / parallel)) } = plan;
  return { ...plan, parallel, threads };
}
