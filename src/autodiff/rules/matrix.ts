import { matrixProduct } from '../../graph/operators/index.js';
import type { Node, Value } from '../../graph/graph.js';
import type { GradientRule } from '../rule.js';
import { inputOf, sumToShape } from '../rule.js';

/**
 * Y = op(A) · op(B), where op transposes if its flag is set: dA = dY · op(B)ᵀ and dB = op(A)ᵀ · dY, transposed once
 * more where the operand itself was.
 */
function productGradients(
  dy: Value,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  wanted: readonly boolean[],
): [Value | undefined, Value | undefined] {
  const byA = () =>
    transposeA
      ? matrixProduct(b, dy, { transposeA: transposeB, transposeB: true })
      : matrixProduct(dy, b, { transposeB: !transposeB });
  const byB = () =>
    transposeB
      ? matrixProduct(dy, a, { transposeA: true, transposeB: transposeA })
      : matrixProduct(a, dy, { transposeA: !transposeA });
  return [
    wanted[0] ? sumToShape(byA(), a.shape) : undefined,
    wanted[1] ? sumToShape(byB(), b.shape) : undefined,
  ];
}

function flag(node: Node, name: string): boolean {
  return node.attributes[name] === 1;
}

export const matrixGradients: Readonly<Record<string, GradientRule>> = {
  MatMul: (node, dy, wanted) => productGradients(dy, inputOf(node, 0), inputOf(node, 1), false, false, wanted),
  FusedMatMul: (node, dy, wanted) =>
    productGradients(dy, inputOf(node, 0), inputOf(node, 1), flag(node, 'transA'), flag(node, 'transB'), wanted),
  Gemm: (node, dy, wanted) => {
    const [a, b, c] = node.inputs;
    const [da, db] = productGradients(dy, a!, b!, flag(node, 'transA'), flag(node, 'transB'), wanted);
    return [da, db, c && wanted[2] ? sumToShape(dy, c.shape) : undefined];
  },
};
