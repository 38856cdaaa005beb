import { describe, expect, it } from 'vitest';
import { padsOf, pairOf } from './padding.js';

const window = (kernel: number, stride = 1, dilation = 1) => ({
  ...{ kernel: pairOf(kernel), stride: pairOf(stride), dilation: pairOf(dilation) },
});

describe('padsOf', () => {
  it.each([
    // [top, left, bottom, right] as TensorFlow pads pictures of 8×7 pixels.
    ['an odd kernel', window(3), [1, 1, 1, 1]],
    ['an even kernel', window(4), [1, 1, 2, 2]],
    ['a stride that leaves a row over', window(3, 2), [0, 1, 1, 1]],
    ['holes', window(3, 1, 2), [2, 2, 2, 2]],
    ['a stride above the kernel', window(1, 3), [0, 0, 0, 0]],
    ['two kernels', { ...window(1), kernel: [1, 5] as const }, [0, 2, 0, 2]],
  ])('adds for `same` and %s as much as TensorFlow', (_what, size, pads) => {
    expect(padsOf('same', [8, 7], size)).toEqual(pads);
  });

  it('adds nothing, or what is given', () => {
    expect(padsOf('valid', [8, 7], window(3))).toEqual([0, 0, 0, 0]);
    expect(padsOf([1, 2, 3, 4], [8, 7], window(3))).toEqual([1, 2, 3, 4]);
  });
});
