import { describe, expect, it } from 'vitest';
import { compute, floatInputs } from '../../../test/support/numeric.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import { gemm, matrixProduct } from './index.js';

/** [[1, 2, 3], [4, 5, 6]], stored as such or transposed. */
function left(transposed: boolean): HostTensor {
  return transposed ? floatTensor([1, 4, 2, 5, 3, 6], [3, 2]) : floatTensor([1, 2, 3, 4, 5, 6], [2, 3]);
}

/** [[1, 0], [2, 1], [0, 3]], stored as such or transposed. */
function right(transposed: boolean): HostTensor {
  return transposed ? floatTensor([1, 2, 0, 0, 1, 3], [2, 3]) : floatTensor([1, 0, 2, 1, 0, 3], [3, 2]);
}

const PRODUCT = [5, 11, 14, 23];

const flags = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

describe('matrixProduct', () => {
  it.each(flags)('of two matrices, $transposeA and $transposeB transposed', async (options) => {
    const tensors = [left(options.transposeA), right(options.transposeB)];
    expect(await compute(tensors, (a, b) => matrixProduct(a, b, options))).toEqual(PRODUCT);
  });

  it.each(flags)('of each pair of a batch, $transposeA and $transposeB transposed', async (options) => {
    const a = left(options.transposeA);
    const b = right(options.transposeB);
    const twice = floatTensor([...(b.data as Float32Array)].flatMap((value) => value * 2), [1, ...b.shape]);
    const pairs = (first: HostTensor, factor: number) =>
      floatTensor([...(first.data as Float32Array), ...(first.data as Float32Array).map((value) => value * factor)], [2, ...first.shape]);
    const tensors = [pairs(a, 10), pairs(b, 2)];
    expect(await compute(tensors, (x, y) => matrixProduct(x, y, options))).toEqual([...PRODUCT, ...PRODUCT.map((value) => value * 20)]);
    expect(await compute([pairs(a, 10), twice], (x, y) => matrixProduct(x, y, options))).toEqual([
      ...PRODUCT.map((value) => value * 2),
      ...PRODUCT.map((value) => value * 20),
    ]);
    expect(await compute([pairs(a, 10), b], (x, y) => matrixProduct(x, y, options))).toEqual([
      ...PRODUCT,
      ...PRODUCT.map((value) => value * 10),
    ]);
    expect(await compute([a, pairs(b, 2)], (x, y) => matrixProduct(x, y, options))).toEqual([
      ...PRODUCT,
      ...PRODUCT.map((value) => value * 2),
    ]);
  });

  it('names the scope, both matrices and what is transposed when they do not fit', () => {
    const [a, b, vector] = floatInputs([2, 3], [2, 4], [3]);
    const { graph } = a;
    expect(() => graph.scope('dense1', () => matrixProduct(a, b))).toThrow(
      'dense1/MatMul: matrices [2, 3] and [2, 4] do not fit (3 and 2)',
    );
    expect(() => matrixProduct(a, b, { transposeA: true, transposeB: true })).toThrow(
      'Gemm: matrices [2, 3]ᵀ and [2, 4]ᵀ do not fit (2 and 4)',
    );
    expect(() => matrixProduct(a, vector)).toThrow('matrices need two axes, got [2, 3] and [3]');
  });

  it('refuses batches that do not fit', () => {
    const [a, b] = floatInputs([2, 1, 1], [3, 1, 1]);
    expect(() => matrixProduct(a, b)).toThrow('MatMul: shapes [2] and [3] cannot be broadcast');
  });
});

describe('gemm', () => {
  it.each(flags)('A · B + c, $transposeA and $transposeB transposed', async (options) => {
    const tensors = [left(options.transposeA), right(options.transposeB)];
    const withC = (c: HostTensor) => compute([...tensors, c], (a, b, value) => gemm(a, b, value, options));
    expect(await withC(floatTensor([100, 200], [2]))).toEqual([105, 211, 114, 223]);
    expect(await withC(floatTensor([100, 200], [2, 1]))).toEqual([105, 111, 214, 223]);
    expect(await withC(floatTensor([100], []))).toEqual([105, 111, 114, 123]);
    expect(await compute(tensors, (a, b) => gemm(a, b, undefined, options))).toEqual(PRODUCT);
  });

  it('refuses what cannot be added and products of batches', () => {
    const [a, b, wide, batch] = floatInputs([1, 3], [3, 2], [4, 2], [5, 1, 3]);
    expect(() => a.graph.scope('dense1', () => gemm(a, b, wide))).toThrow(
      'dense1/Gemm: [4, 2] cannot be added to a product [1, 2]',
    );
    expect(() => gemm(batch, b)).toThrow('Gemm: Gemm needs matrices of two axes');
  });
});
