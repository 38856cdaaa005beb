import { ShapeError } from '../../base/errors.js';
import { shapeText, sizeOf } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, integersAttribute, requireInput, requireIntegers } from '../application.js';
import { broadcastShapes } from './elementwise.js';

/** Axes counted from the front. @throws {ShapeError} for axes that do not exist. */
export function normaliseAxes(where: string, axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => {
    const normal = axis < 0 ? axis + rank : axis;
    if (normal < 0 || normal >= rank) throw new ShapeError(`${where}: there is no axis ${axis} among ${rank}`);
    return normal;
  });
}

function reshapeRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const target = requireIntegers(application, 1);
  const known = target.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const shape = target.map((length) => (length === -1 ? sizeOf(x.shape) / known : length));
  if (sizeOf(shape) !== sizeOf(x.shape) || shape.some((length) => !Number.isInteger(length))) {
    throw new ShapeError(`${application.name}: cannot reshape ${shapeText(x.shape)} to ${shapeText(target)}`);
  }
  return [{ type: x.type, shape }];
}

function transposeRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const order = integersAttribute(application.attributes, 'perm', []);
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw new ShapeError(`${application.name}: order ${shapeText(order)} does not permute ${shapeText(x.shape)}`);
  }
  return [{ type: x.type, shape: normaliseAxes(application.name, order, x.shape.length).map((axis) => x.shape[axis]!) }];
}

function concatRule(application: Application): Signature[] {
  const parts = application.inputs.map((_, index) => requireInput(application, index));
  const first = requireInput(application, 0);
  const [axis] = normaliseAxes(application.name, [integerAttribute(application.attributes, 'axis', 0)], first.shape.length) as [number];
  for (const part of parts) {
    const fits = part.shape.length === first.shape.length && part.shape.every((length, i) => i === axis || length === first.shape[i]);
    if (!fits) {
      throw new ShapeError(`${application.name}: cannot join ${shapeText(first.shape)} and ${shapeText(part.shape)} along axis ${axis}`);
    }
  }
  const joined = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  return [{ type: first.type, shape: first.shape.with(axis, joined) }];
}

function flattenRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const axis = integerAttribute(application.attributes, 'axis', 1);
  return [{ type: x.type, shape: [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))] }];
}

function padRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const pads = requireIntegers(application, 1);
  const rank = x.shape.length;
  if (pads.length !== 2 * rank) {
    throw new ShapeError(`${application.name}: Pad needs ${2 * rank} lengths for ${shapeText(x.shape)}, got ${pads.length}`);
  }
  const shape = x.shape.map((length, axis) => length + pads[axis]! + pads[axis + rank]!);
  if (shape.some((length) => length < 1)) {
    throw new ShapeError(`${application.name}: pads ${shapeText(pads)} leave nothing of ${shapeText(x.shape)}`);
  }
  return [{ type: x.type, shape }];
}

function expandRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  return [{ type: x.type, shape: broadcastShapes(application.name, x.shape, requireIntegers(application, 1)) }];
}

export const layoutRules: Readonly<Record<string, InferenceRule>> = {
  Reshape: reshapeRule,
  Transpose: transposeRule,
  Concat: concatRule,
  Flatten: flattenRule,
  Pad: padRule,
  Expand: expandRule,
};

/** The same elements in another shape; one length may be -1 and follows from the others. */
export function reshape(x: Value, shape: readonly number[]): Value {
  return x.graph.apply('Reshape', [x, x.graph.integers(shape)])[0];
}

/** Permutes axes: axis i of the result is axis `order[i]` of `x`. */
export function transpose(x: Value, order: readonly number[]): Value {
  return x.graph.apply('Transpose', [x], { perm: order })[0];
}

/** Joins values along an axis. */
export function concatenate(parts: readonly [Value, ...Value[]], axis: number): Value {
  return parts[0].graph.apply('Concat', parts, { axis })[0];
}

/** [N, ...] → [N, product of the rest]; holds for any batch size at run time. */
export function flatten(x: Value): Value {
  return x.graph.apply('Flatten', [x], { axis: 1 })[0];
}

/** Adds zeros (or `value`) around: `pads` lists the starts of all axes, then their ends. Negative lengths crop. */
export function pad(x: Value, pads: readonly number[], value = 0): Value {
  const inputs = [x, x.graph.integers(pads), ...(value === 0 ? [] : [x.graph.scalar(value)])];
  return x.graph.apply('Pad', inputs)[0];
}

/** Repeats axes of length 1 up to `shape`. */
export function expand(x: Value, shape: readonly number[]): Value {
  return x.graph.apply('Expand', [x, x.graph.integers(shape)])[0];
}
