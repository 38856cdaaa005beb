import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../test/support/numeric.js';
import { differenceOf, operatorsOf, rewritten } from '../../test/support/rewriting.js';
import { floatTensor } from '../base/tensor.js';
import { eightBitWeights, fromBytes, isScaleOf } from './eight-bit-weights.js';
import { convolution, gemm } from './operators/index.js';

describe('eightBitWeights', () => {
  it('keeps a convolution within half a step of each channel, of which one is a hundred times the others', async () => {
    const weights = randomTensor([8, 4, 6, 6], 2, -1, 1);
    weights.data.forEach((value, index) => (weights.data[index] = index < 4 * 36 ? 100 * value : value));
    const x = floatTensor(new Float32Array(4 * 36).fill(1), [1, 4, 6, 6]);
    const pair = rewritten(x, eightBitWeights, (value) => convolution(value, value.graph.constant(weights, 'kernel')));
    expect(operatorsOf(pair.after)).toEqual(['Cast', 'Sub', 'Mul', 'Conv']);
    const stored = pair.after.nodes.flatMap(({ inputs }) => inputs).find((value) => value?.name === 'kernel')!.constant!;
    expect(stored.type).toBe('uint8');
    const scales = pair.after.nodes.flatMap(({ inputs }) => inputs).find((value) => value?.name === 'kernel scale')!.constant!;
    expect(scales.shape).toEqual([8, 1, 1, 1]);
    const back = fromBytes({ ...stored, type: 'uint8', data: stored.data as Uint8Array }, floatTensor(scales.data as Float32Array, scales.shape));
    back.data.forEach((value, index) => {
      const step = (scales.data as Float32Array)[Math.floor(index / 144)]!;
      expect(Math.abs(value - weights.data[index]!)).toBeLessThanOrEqual(step * 0.5001);
    });
    expect(await differenceOf(pair)).toBeGreaterThan(0);
    expect(await differenceOf(pair)).toBeLessThan(0.01);
  });

  it('scales a dense layer by its columns, and leaves small weights and channels of zeros right', async () => {
    const weights = randomTensor([32, 40], 3, -1, 1);
    for (let row = 0; row < 32; row++) weights.data[row * 40] = 0;
    const bias = randomTensor([40], 4);
    const pair = rewritten(randomTensor([2, 32], 1), eightBitWeights, (value) =>
      gemm(value, value.graph.constant(weights, 'kernel'), value.graph.constant(bias, 'bias')),
    );
    expect(operatorsOf(pair.after)).toEqual(['Cast', 'Sub', 'Mul', 'Gemm']);
    expect(await differenceOf(pair)).toBeLessThan(0.01);
    const small = rewritten(randomTensor([2, 4], 1), eightBitWeights, (value) =>
      gemm(value, value.graph.constant(randomTensor([4, 8], 3)), value.graph.constant(randomTensor([8], 4))),
    );
    expect(operatorsOf(small.after)).toEqual(['Gemm']);
  });
});

describe('isScaleOf', () => {
  const bytes = { type: 'uint8', data: new Uint8Array(6), shape: [2, 3] } as const;
  const scales = (shape: readonly number[]) => floatTensor(new Float32Array(shape.reduce((a, b) => a * b)), shape);

  it('takes scales along one axis alone', () => {
    expect([[2, 1], [1, 3], [1, 1]].map((shape) => isScaleOf(scales(shape), bytes))).toEqual([true, true, true]);
    expect([[2], [3, 1], [2, 3]].map((shape) => isScaleOf(scales(shape), bytes))).toEqual([false, false, false]);
  });
});
