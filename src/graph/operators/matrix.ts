import { ShapeError } from '../../base/errors.js';
import { shapeText } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, requireInput } from '../application.js';
import { broadcastShapes } from './elementwise.js';

function product(application: Application, transposeA: boolean, transposeB: boolean): Signature {
  const a = requireInput(application, 0);
  const b = requireInput(application, 1);
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(`${application.name}: matrices need two axes, got ${shapeText(a.shape)} and ${shapeText(b.shape)}`);
  }
  const [rows, innerA] = orient(a.shape.slice(-2), transposeA);
  const [innerB, columns] = orient(b.shape.slice(-2), transposeB);
  if (innerA !== innerB) {
    throw new ShapeError(
      `${application.name}: matrices ${shapeText(a.shape)}${transposeA ? 'ᵀ' : ''} and ${shapeText(b.shape)}${transposeB ? 'ᵀ' : ''} do not fit (${innerA} and ${innerB})`,
    );
  }
  const batch = broadcastShapes(application.name, a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { type: a.type, shape: [...batch, rows, columns] };
}

function orient(shape: readonly number[], transposed: boolean): [number, number] {
  const [first, second] = shape as readonly [number, number];
  return transposed ? [second, first] : [first, second];
}

function flag(application: Application, name: string): boolean {
  return integerAttribute(application.attributes, name, 0) === 1;
}

export const matrixRules: Readonly<Record<string, InferenceRule>> = {
  MatMul: (application) => [product(application, false, false)],
  FusedMatMul: (application) => [product(application, flag(application, 'transA'), flag(application, 'transB'))],
  Gemm: (application) => {
    const result = product(application, flag(application, 'transA'), flag(application, 'transB'));
    const c = application.inputs[2];
    if (result.shape.length !== 2) throw new ShapeError(`${application.name}: Gemm needs matrices of two axes`);
    if (c) {
      const shape = broadcastShapes(application.name, c.shape, result.shape);
      if (shapeText(shape) !== shapeText(result.shape)) {
        throw new ShapeError(`${application.name}: ${shapeText(c.shape)} cannot be added to a product ${shapeText(result.shape)}`);
      }
    }
    return [result];
  },
};

/** Which operands of a product are transposed in their last two axes. */
export interface Transposition {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Product of matrices, with broadcasting over leading axes: [..., M, K] × [..., K, N] → [..., M, N].
 * Transposed operands use ONNX Runtime's FusedMatMul where they have more than two axes.
 */
export function matrixProduct(a: Value, b: Value, options: Transposition = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  if (!transposeA && !transposeB) return a.graph.apply('MatMul', [a, b])[0];
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  if (a.shape.length === 2 && b.shape.length === 2) return a.graph.apply('Gemm', [a, b], attributes)[0];
  return a.graph.apply('FusedMatMul', [a, b], attributes, 'com.microsoft')[0];
}

/**
 * A · B + c.
 * @param a [M, K], or [K, M] if transposed
 * @param b [K, N], or [N, K] if transposed
 * @param c broadcast to [M, N]
 */
export function gemm(a: Value, b: Value, c?: Value, options: Transposition = {}): Value {
  const attributes = { transA: options.transposeA ? 1 : 0, transB: options.transposeB ? 1 : 0 };
  return a.graph.apply('Gemm', c ? [a, b, c] : [a, b], attributes)[0];
}
