import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { warpAffine } from './affine.js';
import { drawAlteration } from './alter.js';
import { augmentationMatrix, drawAugmentation, REPORT_AUGMENTATION } from './augment.js';
import type { Augmentation } from './augment.js';
import { varyPicture } from './vary.node.js';

const SIZE = 32;
const PICTURE = {
  data: Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, index) => 128 + 100 * Math.sin(index / 17) * Math.cos(index / 301)),
  width: SIZE,
  height: SIZE,
};
const STILL: Augmentation = { ...REPORT_AUGMENTATION, widthShift: 0, heightShift: 0, shear: 0, zoom: 0, horizontalFlip: false };
const streamOf = (sample: number) => randomStream(3, PURPOSE.augment, 1, sample);

async function varied(augmentation: Augmentation, sample: number): Promise<Float32Array> {
  const target = new Float32Array(3 * SIZE * SIZE);
  await varyPicture(PICTURE, augmentation, streamOf(sample), target);
  return target;
}

/** Mean distance in levels 0..255. */
const distance = (one: Float32Array, other: Float32Array): number =>
  (255 * one.reduce((sum, value, index) => sum + Math.abs(value - other[index]!), 0)) / one.length;

describe('varyPicture', () => {
  it('does to the bit what the warp alone does when nothing else is asked for', async () => {
    for (let sample = 0; sample < 10; sample++) {
      const expected = new Float32Array(3 * SIZE * SIZE);
      const variation = drawAugmentation(streamOf(sample), REPORT_AUGMENTATION, SIZE);
      warpAffine(PICTURE, augmentationMatrix(variation, SIZE, SIZE), expected);
      expect(await varied(REPORT_AUGMENTATION, sample)).toEqual(expected);
    }
  });

  it('moves pictures the same whether they are altered or not', async () => {
    const none = await varied(REPORT_AUGMENTATION, 4);
    const dark = await varied({ ...REPORT_AUGMENTATION, brightness: 0.5 }, 4);
    const stream = streamOf(4);
    drawAugmentation(stream, REPORT_AUGMENTATION, SIZE);
    const { brightness } = drawAlteration(stream, { ...REPORT_AUGMENTATION, brightness: 0.5 }, SIZE);
    expect(brightness).not.toBe(1);
    dark.forEach((value, index) => expect(value).toBeCloseTo(Math.min(none[index]! * brightness, 1), 6));
  });

  it('takes a third of the pictures through JPEG, which changes them a little', async () => {
    const whole = await varied(STILL, 0);
    const distances: number[] = [];
    for (let sample = 0; sample < 60; sample++) distances.push(distance(await varied({ ...STILL, jpeg: 30 }, sample), whole));
    const changed = distances.filter((value) => value > 0);
    expect(changed.length).toBeGreaterThan(10);
    expect(changed.length).toBeLessThan(32);
    expect(Math.max(...changed)).toBeLessThan(20);
  });

  it('erases last, so that the noise is whole', async () => {
    const target = await varied({ ...STILL, erase: 1, blur: 2, downscale: 3, jpeg: 10 }, 1);
    const stream = streamOf(1);
    drawAugmentation(stream, STILL, SIZE);
    const { top, left, width, height } = drawAlteration(stream, { ...STILL, erase: 1 }, SIZE).erased!;
    let steps = 0;
    for (let row = top; row < top + height; row++) {
      for (let column = left + 1; column < left + width; column++) {
        steps += Math.abs(target[row * SIZE + column]! - target[row * SIZE + column - 1]!);
      }
    }
    // The mean distance of two numbers from 0..1 is a third.
    expect(steps / (height * (width - 1))).toBeGreaterThan(0.2);
  });
});
