/** Noise and random erasing for training, in place on sRGB planes [3, H, W], 0..1. */
import { PURPOSE, randomStream } from '../base/random.js';
import { clampLevel } from './planes.js';
import type { Planes } from './planes.js';

/** How many normal numbers noise is made of: a power of two. */
const NORMALS = 16384;

let normals: Float32Array | undefined;

/** The numbers that noise is made of: normally distributed, and the same each time. */
function normalTable(): Float32Array {
  if (normals !== undefined) return normals;
  // Epochs count from 1, so no picture is varied with this stream.
  const stream = randomStream(0, PURPOSE.augment, 0);
  return (normals = Float32Array.from({ length: NORMALS }, () => stream.normal()));
}

/**
 * Xorshift (Marsaglia 2003, "Xorshift RNGs", the triple 13, 17, 5): words enough for every value of a picture, where
 * the streams of `base/random.ts` would take longer than all other changes together.
 * @param seed any 32-bit word
 */
function fastWords(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

/**
 * Adds Gaussian noise, and holds the result within 0..1.
 * @param sigma standard deviation
 * @param grey whether the three colours of a pixel get the same noise
 * @param seed 32-bit word that the noise follows from
 */
export function addNoise(planes: Float32Array, sigma: number, grey: boolean, seed: number): void {
  const table = normalTable();
  const word = fastWords(seed);
  const plane = planes.length / 3;
  const drawn = grey ? plane : planes.length;
  for (let index = 0; index < drawn; index++) {
    const noise = sigma * table[word() & (NORMALS - 1)]!;
    for (let at = index; at < planes.length; at += drawn) planes[at] = clampLevel(planes[at]! + noise);
  }
}

/** A part of a picture, in pixels. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Overwrites a rectangle with values drawn evenly from 0..1, as random erasing does (Zhong et al. 2020, "Random erasing
 * data augmentation", the variant RE-R).
 * @param seed 32-bit word that the values follow from
 */
export function erase({ data, width, height }: Planes, { top, left, ...size }: Rectangle, seed: number): void {
  const word = fastWords(seed);
  for (let channel = 0; channel < 3; channel++) {
    for (let row = top; row < top + size.height; row++) {
      const start = (channel * height + row) * width + left;
      for (let index = start; index < start + size.width; index++) data[index] = (word() >>> 8) / 0xffffff;
    }
  }
}
