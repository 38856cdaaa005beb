import { describe, it } from 'vitest';
import { expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { gemm, matrixProduct } from '../../graph/operators/index.js';

const flags = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

/** [..., 2, 3] and [..., 3, 4], or their transposes. */
function operands(batchA: readonly number[], batchB: readonly number[], { transposeA, transposeB } = flags[0]!) {
  return [
    randomTensor([...batchA, ...(transposeA ? [3, 2] : [2, 3])], 1),
    randomTensor([...batchB, ...(transposeB ? [4, 3] : [3, 4])], 2),
  ] as const;
}

const batches = [
  { batchA: [2], batchB: [2] },
  { batchA: [2], batchB: [1] },
  { batchA: [1], batchB: [2] },
  { batchA: [2], batchB: [] },
  { batchA: [], batchB: [2] },
  { batchA: [2, 1], batchB: [3] },
];

describe('gradients of MatMul', () => {
  it('of two matrices', async () => {
    await expectGradients(operands([], []), (a, b) => matrixProduct(a, b));
  });

  it.each(batches)('of batches $batchA and $batchB', async ({ batchA, batchB }) => {
    await expectGradients(operands(batchA, batchB), (a, b) => matrixProduct(a, b));
  });
});

describe('gradients of FusedMatMul', () => {
  const cases = flags.flatMap((flag) => batches.map((batch) => ({ ...flag, ...batch })));
  it.each(cases)('of batches $batchA and $batchB, $transposeA and $transposeB transposed', async ({ batchA, batchB, ...options }) => {
    const attributes = { transA: Number(options.transposeA), transB: Number(options.transposeB) };
    await expectGradients(operands(batchA, batchB, options), (a, b) =>
      a.graph.apply('FusedMatMul', [a, b], attributes, 'com.microsoft')[0],
    );
  });
});

describe('gradients of Gemm', () => {
  it.each(flags)('without c, $transposeA and $transposeB transposed', async (options) => {
    await expectGradients(operands([], [], options), (a, b) => gemm(a, b, undefined, options));
  });

  it.each(flags)('with c, $transposeA and $transposeB transposed', async (options) => {
    await expectGradients([...operands([], [], options), randomTensor([4], 3)], (a, b, c) => gemm(a, b, c, options));
  });

  it.each([{ shape: [2, 4] }, { shape: [2, 1] }, { shape: [1, 4] }, { shape: [1] }, { shape: [] }])(
    'with c of shape $shape',
    async ({ shape }) => {
      await expectGradients([...operands([], []), randomTensor(shape, 3)], (a, b, c) => gemm(a, b, c));
    },
  );
});
