import type { Value } from '../graph/graph.js';
import { add, divide, multiply, squareRoot, subtract } from '../graph/operators/index.js';

/** One parameter at the moment of its update. */
export interface UpdateContext {
  readonly parameter: Value;
  /** Gradient of the loss with respect to it, times the learning rate if the optimiser asks for that. */
  readonly gradient: Value;
  /** A scalar that `Optimiser.scalars` provides at each step. */
  readonly scalar: (name: string) => Value;
  /** A tensor of the parameter's shape that lives from step to step, zero at first. */
  readonly slot: (name: string) => Value;
}

export interface Update {
  readonly parameter: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

/** How gradients change parameters. The update is part of the training graph. */
export interface Optimiser {
  /** Names of the tensors that it keeps for each parameter. */
  readonly slots: readonly string[];
  /** Whether it wants gradients already multiplied by the learning rate, which costs nothing in the backward pass. */
  readonly takesScaledGradients: boolean;
  /** The numbers that the graph needs at a step (counted from 0). */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  update(context: UpdateContext): Update;
}

export interface SgdOptions {
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** Stochastic gradient descent, with momentum as Keras defines it: v ← m·v − η·g, then w ← w + v (or w + m·v − η·g). */
export function sgd({ momentum, nesterov }: SgdOptions): Optimiser {
  return {
    slots: momentum > 0 ? ['momentum'] : [],
    takesScaledGradients: true,
    scalars: (_step, learningRate) => ({ learning_rate: learningRate }),
    update({ parameter, gradient, slot }) {
      if (momentum === 0) return { parameter: subtract(parameter, gradient), slots: {} };
      const velocity = subtract(multiply(slot('momentum'), momentum), gradient);
      const change = nesterov ? subtract(multiply(velocity, momentum), gradient) : velocity;
      return { parameter: add(parameter, change), slots: { momentum: velocity } };
    },
  };
}

export interface AdamWOptions {
  readonly weightDecay: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), with Keras's epsilon of 1e-7. */
export function adamW({ weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamWOptions): Optimiser {
  return {
    slots: ['mean', 'variance'],
    takesScaledGradients: false,
    scalars: (step, learningRate) => ({
      learning_rate: learningRate,
      mean_correction: 1 / (1 - beta1 ** (step + 1)),
      variance_correction: 1 / (1 - beta2 ** (step + 1)),
    }),
    update({ parameter, gradient, slot, scalar }) {
      const mean = add(multiply(slot('mean'), beta1), multiply(gradient, 1 - beta1));
      const variance = add(multiply(slot('variance'), beta2), multiply(multiply(gradient, gradient), 1 - beta2));
      const deviation = squareRoot(multiply(variance, scalar('variance_correction')));
      const direction = divide(multiply(mean, scalar('mean_correction')), add(deviation, epsilon));
      const decayed = weightDecay > 0 ? add(direction, multiply(parameter, weightDecay)) : direction;
      return {
        parameter: subtract(parameter, multiply(decayed, scalar('learning_rate'))),
        slots: { mean, variance },
      };
    },
  };
}

/**
 * The same optimiser, which also keeps a running mean of each parameter over the steps (Polyak & Juditsky 1992), as the
 * slot `average`: a ← d·a + (1 − d)·w, with d the decay, or less in the first steps: (1 + step) / (10 + step).
 */
export function averaged(optimiser: Optimiser, decay: number): Optimiser {
  return {
    slots: [...optimiser.slots, 'average'],
    takesScaledGradients: optimiser.takesScaledGradients,
    scalars: (step, learningRate) => ({
      ...optimiser.scalars(step, learningRate),
      average_decay: Math.min(decay, (1 + step) / (10 + step)),
    }),
    update(context) {
      const { parameter, slots } = optimiser.update(context);
      const kept = context.scalar('average_decay');
      const average = add(multiply(context.slot('average'), kept), multiply(parameter, subtract(1, kept)));
      return { parameter, slots: { ...slots, average } };
    },
  };
}
