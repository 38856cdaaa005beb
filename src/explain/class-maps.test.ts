import { describe, expect, it } from 'vitest';
import { compute } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import { classActivationMap, gradCam, gradCamPlusPlus, hiresCam } from './class-maps.js';

/** One picture, two channels, 1 × 2 cells. */
const activations = floatTensor([1, 3, 2, 0], [1, 2, 1, 2]);

describe('gradCam', () => {
  it('weights channels with their mean gradients and keeps what speaks for the class', async () => {
    // Mean gradients 2 and -1: [2·1 - 2, 2·3 - 0].
    expect(await compute([activations, floatTensor([4, 0, -1, -1], [1, 2, 1, 2])], gradCam)).toEqual([0, 6]);
    // Mean gradients 1 and -1: [1 - 2, 3].
    expect(await compute([activations, floatTensor([1, 1, -1, -1], [1, 2, 1, 2])], gradCam)).toEqual([0, 3]);
  });

  it('is empty where everything speaks against the class', async () => {
    expect(await compute([activations, floatTensor([-1, -1, -1, -1], [1, 2, 1, 2])], gradCam)).toEqual([0, 0]);
  });
});

describe('gradCamPlusPlus', () => {
  it('sums positive gradients, each divided by 2 and its share of the activations', async () => {
    // ΣA is 4 and 2. Channel 1: 0.5 / (2 + 0.5·4) + 0 = 1/8, channel 2: 1 / (2 + 1·2) + 3 / (2 + 3·2) = 5/8.
    const gradient = floatTensor([0.5, -7, 1, 3], [1, 2, 1, 2]);
    expect(await compute([activations, gradient], gradCamPlusPlus)).toEqual([1 / 8 + 10 / 8, 3 / 8]);
  });

  it('is empty where no gradient is positive', async () => {
    expect(await compute([activations, floatTensor([0, -1, 0, 0], [1, 2, 1, 2])], gradCamPlusPlus)).toEqual([0, 0]);
  });
});

describe('hiresCam', () => {
  it('weights every cell with its own gradient and keeps what speaks for the class', async () => {
    // [4·1 - 1·2, 0·3 - 1·0] and [1·1 - 2·2, 1·3 - 2·0].
    expect(await compute([activations, floatTensor([4, 0, -1, -1], [1, 2, 1, 2])], hiresCam)).toEqual([2, 0]);
    expect(await compute([activations, floatTensor([1, 1, -2, -2], [1, 2, 1, 2])], hiresCam)).toEqual([0, 3]);
  });
});

describe('classActivationMap', () => {
  it('weights channels as the dense layer does, and keeps what speaks against the class', async () => {
    expect(await compute([activations, floatTensor([2, -3], [1, 2])], classActivationMap)).toEqual([-4, 6]);
  });

  it('weights the channels of each picture for itself', async () => {
    const pictures = floatTensor([1, 3, 2, 0, 1, 3, 2, 0], [2, 2, 1, 2]);
    expect(await compute([pictures, floatTensor([1, 0, 0, 1], [2, 2])], classActivationMap)).toEqual([1, 3, 2, 0]);
  });
});
