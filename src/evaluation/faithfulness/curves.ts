/**
 * Deletion and insertion curves (Petsiuk, Das & Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box
 * Models", BMVC 2018): what becomes of a class's probability when the pixels of a picture are replaced, or brought
 * back, in the order of their importance.
 */
import type { RandomStream } from '../../base/random.js';

/** The pixels of a map from the largest value to the smallest; equal ones in random order. */
export function pixelOrder(map: Float32Array, random: RandomStream): Uint32Array {
  // The sort is stable, so what is equal stays as it was shuffled.
  return randomOrder(map.length, random).sort((a, b) => map[b]! - map[a]!);
}

/** So many pixels in random order. */
export function randomOrder(pixels: number, random: RandomStream): Uint32Array {
  return random.shuffle(Uint32Array.from({ length: pixels }, (_, pixel) => pixel));
}

/**
 * A picture that turns into another one pixel by pixel.
 * @param from [3, H, W]
 * @param to [3, H, W]
 * @param order all H·W pixels; the first ones are replaced first
 * @returns [steps + 1, 3, H, W]: after k of the steps, k / steps of the pixels, rounded, are those of `to`
 */
export function transition(from: Float32Array, to: Float32Array, order: Uint32Array, steps: number): Float32Array {
  const pixels = order.length;
  const pictures = new Float32Array((steps + 1) * from.length);
  const current = from.slice();
  let replaced = 0;
  for (let step = 0; step <= steps; step++) {
    const wanted = Math.round((step * pixels) / steps);
    for (; replaced < wanted; replaced++) {
      for (let plane = order[replaced]!; plane < from.length; plane += pixels) current[plane] = to[plane]!;
    }
    pictures.set(current, step * from.length);
  }
  return pictures;
}

/** Area under a curve over 0..1, by the trapezoid rule: the mean height of the curve. */
export function areaUnder(curve: readonly number[]): number {
  const ends = (curve[0]! + curve.at(-1)!) / 2;
  return (curve.reduce((sum, value) => sum + value, 0) - ends) / (curve.length - 1);
}

/** A picture of one colour, the mean one of another. @param picture [3, H, W] */
export function meanColour(picture: Float32Array): Float32Array {
  const pixels = picture.length / 3;
  const result = new Float32Array(picture.length);
  for (let start = 0; start < picture.length; start += pixels) {
    const sum = picture.subarray(start, start + pixels).reduce((total, value) => total + value, 0);
    result.fill(sum / pixels, start, start + pixels);
  }
  return result;
}
