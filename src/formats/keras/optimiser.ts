/** Keras's optimisers and their state, in the terms of this package. */
import { z } from 'zod';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import type { Hdf5Dataset } from '../hdf5.js';
import type { WeightLayout } from './weights.js';

/** Settings of a run that say how a network was trained. */
export interface OptimiserSettings {
  readonly optimiser: 'sgd' | 'adamw';
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
  readonly schedule: 'time' | 'constant';
  readonly decay?: number;
}

/** What a file says about how its network was trained. */
export interface ImportedOptimiser {
  readonly settings: OptimiserSettings;
  /** Steps that were taken. */
  readonly step: number;
  /** Tensors of the optimiser: `parameter/slot`. Empty where it needs none or the file has none. */
  readonly slots: ReadonlyMap<string, HostTensor>;
  readonly notes: readonly string[];
}

const BETA1 = 0.9;
const BETA2 = 0.999;

const number = z.number().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const schema = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({
    ...{ learning_rate: number, lr: number, momentum: number, nesterov: flag, weight_decay: number, decay: number },
    ...{ beta_1: number, beta_2: number, amsgrad: flag },
  }),
});

/**
 * Reads an optimiser.
 * @param config what the file says of it, unchecked
 * @param arrays its state in the order of the file
 * @param trained the parameters that it changes, in Keras's order
 * @returns undefined when it is another one than SGD, Adam and AdamW, or none is given
 */
export function readOptimiser(
  config: unknown,
  arrays: readonly Hdf5Dataset[],
  trained: readonly WeightLayout[],
): ImportedOptimiser | undefined {
  const parsed = schema.safeParse(config);
  if (!parsed.success) return undefined;
  const { class_name: kind, config: given } = parsed.data;
  const optimiser = { sgd: 'sgd', adam: 'adamw', adamw: 'adamw' }[kind.split('>').at(-1)!.toLowerCase()] as 'sgd' | 'adamw' | undefined;
  if (optimiser === undefined) return undefined;
  const notes: string[] = [];
  const rate = given.learning_rate ?? given.lr;
  const isUsable = rate !== undefined && rate > 0;
  if (!isUsable) notes.push('Its learning rate is not a number above 0 and was left behind.');
  const { momentum = 0, nesterov = false, weight_decay: weightDecay = 0, decay = 0 } = given;
  const { beta_1: beta1 = BETA1, beta_2: beta2 = BETA2, amsgrad = false } = given;
  if (optimiser === 'adamw' && (beta1 !== BETA1 || beta2 !== BETA2 || amsgrad)) {
    notes.push(`Its Adam had beta_1 ${beta1}, beta_2 ${beta2}${amsgrad ? ' and AMSGrad' : ''}; here it is ${BETA1}, ${BETA2} and plain.`);
  }
  const roles = optimiser === 'adamw' ? ['mean', 'variance'] : momentum > 0 ? ['momentum'] : [];
  const slots = slotsOf(arrays.filter(({ shape }) => shape.length > 0), trained, roles);
  if (slots === undefined) notes.push('The state of its optimiser does not fit the network and was left behind.');
  return {
    settings: {
      ...{ optimiser, schedule: decay > 0 ? 'time' : 'constant' },
      ...(isUsable ? { learningRate: rate } : {}),
      ...(optimiser === 'sgd' ? { momentum: Math.min(1, Math.max(0, momentum)), nesterov } : { weightDecay: Math.max(0, weightDecay) }),
      ...(decay > 0 ? { decay } : {}),
    },
    step: stepOf(arrays),
    slots: slots ?? new Map<string, HostTensor>(),
    notes,
  };
}

/** The first number that stands alone counts the steps, in every version. */
function stepOf(arrays: readonly Hdf5Dataset[]): number {
  const step = arrays.find(({ shape }) => shape.length === 0)?.read()[0] ?? 0;
  return Number.isSafeInteger(step) && step >= 0 ? step : 0;
}

/**
 * The tensors of each parameter. Since 2.11 Keras lists all of one parameter, then those of the next; before, all of one
 * role. Undefined when they fit neither way.
 */
function slotsOf(
  arrays: readonly Hdf5Dataset[],
  trained: readonly WeightLayout[],
  roles: readonly string[],
): Map<string, HostTensor> | undefined {
  if (roles.length === 0 || arrays.length === 0) return new Map();
  const orders = [
    (parameter: number, role: number) => parameter * roles.length + role,
    (parameter: number, role: number) => role * trained.length + parameter,
  ];
  const place = orders.find((order) =>
    trained.every(({ kerasShape }, parameter) =>
      roles.every((_, role) => arrays[order(parameter, role)]?.shape.join() === kerasShape.join()),
    ),
  );
  if (place === undefined) return undefined;
  const slots = new Map<string, HostTensor>();
  for (const [parameter, layout] of trained.entries()) {
    for (const [role, word] of roles.entries()) {
      const values = layout.fromKeras(arrays[place(parameter, role)]!.read());
      if (!values.every(Number.isFinite)) return undefined;
      slots.set(`${layout.name}/${word}`, floatTensor(values, layout.shape));
    }
  }
  return slots;
}
