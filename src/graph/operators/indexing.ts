import { ShapeError } from '../../base/errors.js';
import { shapeText } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, requireInput, requireIntegers } from '../application.js';
import { normaliseAxes } from './layout.js';

function sliceRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const starts = requireIntegers(application, 1);
  const ends = requireIntegers(application, 2);
  const axes = normaliseAxes(application.name, requireIntegers(application, 3), x.shape.length);
  const steps = requireIntegers(application, 4);
  const shape = [...x.shape];
  axes.forEach((axis, i) => {
    shape[axis] = slicedRange(x.shape[axis]!, starts[i]!, ends[i]!, steps[i]!).count;
    if (shape[axis] < 1) {
      throw new ShapeError(`${application.name}: slice ${starts[i]!}:${ends[i]!}:${steps[i]!} of axis ${axis} of ${shapeText(x.shape)} is empty`);
    }
  });
  return [{ type: x.type, shape }];
}

/**
 * The first position that `start:end:step` takes of an axis, and how many it takes (none where `count` is below 1).
 * Negative bounds count from the end; bounds outside the axis move to its nearest end.
 */
export function slicedRange(length: number, start: number, end: number, step: number): { first: number; count: number } {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: number, low: number) => Math.min(Math.max(bound < 0 ? bound + length : bound, low), highest);
  const first = clamp(start, 0);
  return { first, count: Math.ceil((clamp(end, lowest) - first) / step) };
}

function splitRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const lengths = requireIntegers(application, 1);
  const [axis] = normaliseAxes(application.name, [integerAttribute(application.attributes, 'axis', 0)], x.shape.length) as [number];
  if (lengths.reduce((sum, length) => sum + length, 0) !== x.shape[axis]) {
    throw new ShapeError(`${application.name}: parts of ${lengths.join(', ')} do not make up axis ${axis} of ${shapeText(x.shape)}`);
  }
  return lengths.map((length) => ({ type: x.type, shape: x.shape.with(axis, length) }));
}

export const indexingRules: Readonly<Record<string, InferenceRule>> = {
  Slice: sliceRule,
  Split: splitRule,
  ScatterElements: (application) => {
    const x = requireInput(application, 0);
    return [{ type: x.type, shape: x.shape }];
  },
};

/** A range of an axis; `end` is exclusive, and a negative `step` walks backwards (then `end` may be -Infinity). */
export interface AxisRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

const FIRST = -0x7fffffff;

/** Takes ranges of axes. */
export function slice(x: Value, ranges: readonly AxisRange[]): Value {
  const integers = (pick: (range: AxisRange) => number) => x.graph.integers(ranges.map(pick));
  return x.graph.apply('Slice', [
    x,
    integers((range) => range.start),
    integers((range) => (range.end === -Infinity ? FIRST : range.end)),
    integers((range) => range.axis),
    integers((range) => range.step ?? 1),
  ])[0];
}

/** Cuts an axis into consecutive parts of the given lengths, which must make it up. */
export function split(x: Value, axis: number, lengths: readonly number[]): readonly Value[] {
  return x.graph.apply('Split', [x, x.graph.integers(lengths)], { axis });
}

/** Reverses the order along axes. */
export function reverse(x: Value, axes: readonly number[]): Value {
  return slice(
    x,
    axes.map((axis) => ({ axis, start: x.shape[axis]! - 1, end: -Infinity, step: -1 })),
  );
}

/**
 * Adds updates to a flat tensor.
 * @param x [L]
 * @param indices [M], int64, each in 0..L-1
 * @param updates [M]
 */
export function scatterAdd(x: Value, indices: Value, updates: Value): Value {
  return x.graph.apply('ScatterElements', [x, indices, updates], { axis: 0, reduction: 'add' })[0];
}
