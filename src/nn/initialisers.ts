import type { RandomStream } from '../base/random.js';
import { sizeOf } from '../base/tensor.js';

/** Draws the first values of a parameter of a shape. */
export type Initialiser = (shape: readonly number[], random: RandomStream) => Float32Array;

/** The normal distribution with mean 0. */
export function normal(standardDeviation: number): Initialiser {
  return (shape, random) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * standardDeviation;
    return values;
  };
}

/** The same value everywhere. */
export function constant(value: number): Initialiser {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/**
 * Normal with variance 2 / fan-in, which keeps the variance of activations through ReLU layers (He et al. 2015).
 * Shapes are [O, I, kH, kW] for convolutions and [I, O] for dense layers.
 */
export const heNormal: Initialiser = (shape, random) =>
  normal(Math.sqrt(2 / fanIn(shape)))(shape, random);

function fanIn(shape: readonly number[]): number {
  return shape.length === 2 ? shape[0]! : sizeOf(shape.slice(1));
}
