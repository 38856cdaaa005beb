import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, requireInput, requireIntegers } from '../application.js';
import { normaliseAxes } from './layout.js';

function reductionRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const all = x.shape.map((_, axis) => axis);
  const axes = application.inputs[1] ? normaliseAxes(application.name, requireIntegers(application, 1), x.shape.length) : all;
  const keep = integerAttribute(application.attributes, 'keepdims', 1) === 1;
  const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [length]));
  return [{ type: x.type, shape }];
}

export const reductionRules: Readonly<Record<string, InferenceRule>> = {
  ReduceSum: reductionRule,
  ReduceMean: reductionRule,
  ReduceMax: reductionRule,
  ReduceSumSquare: reductionRule,
};

/** Axes to reduce over (all of them by default), and whether they stay with length 1. */
export interface ReductionOptions {
  readonly axes?: readonly number[];
  readonly keepAxes?: boolean;
}

function reduction(operator: string): (x: Value, options?: ReductionOptions) => Value {
  return (x, options = {}) => {
    const inputs = options.axes ? [x, x.graph.integers(options.axes)] : [x];
    return x.graph.apply(operator, inputs, { keepdims: options.keepAxes ? 1 : 0 })[0];
  };
}

export const reduceSum = reduction('ReduceSum');
export const reduceMean = reduction('ReduceMean');
export const reduceMax = reduction('ReduceMax');
export const reduceSumSquare = reduction('ReduceSumSquare');
