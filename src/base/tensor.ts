import { ShapeError } from './errors.js';

/** Element types that cross between TypeScript and ONNX Runtime. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'uint8' | 'bool';

/** The typed array that holds elements of a type; booleans are bytes 0 and 1. */
export interface ElementArrays {
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** A dense row-major tensor in host memory. */
export interface HostTensor<Type extends ElementType = ElementType> {
  readonly type: Type;
  readonly data: ElementArrays[Type];
  readonly shape: readonly number[];
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * A float32 tensor over `data`, which is not copied.
 * @throws {ShapeError} when the number of elements is not that of the shape.
 */
export function floatTensor(data: Float32Array | readonly number[], shape: readonly number[]): HostTensor<'float32'> {
  const array = data instanceof Float32Array ? data : Float32Array.from(data);
  if (array.length !== sizeOf(shape)) {
    throw new ShapeError(`floatTensor: ${array.length} values do not fill shape [${shape.join(', ')}]`);
  }
  return { type: 'float32', data: array, shape };
}

/** `[4, 3, 227, 227]`, as shapes are written in messages. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
