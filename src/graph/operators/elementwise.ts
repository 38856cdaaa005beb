import { ShapeError } from '../../base/errors.js';
import type { ElementType } from '../../base/tensor.js';
import { shapeText } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, requireInput } from '../application.js';

/**
 * The shape of two operands broadcast as in NumPy: axes are aligned at the end, and an axis of length 1 stretches.
 * @throws {ShapeError} naming both shapes when an axis fits neither way.
 */
export function broadcastShapes(where: string, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const lengthA = a[axis - rank + a.length] ?? 1;
    const lengthB = b[axis - rank + b.length] ?? 1;
    if (lengthA !== lengthB && lengthA !== 1 && lengthB !== 1) {
      throw new ShapeError(`${where}: shapes ${shapeText(a)} and ${shapeText(b)} cannot be broadcast`);
    }
    return lengthA === 1 ? lengthB : lengthA;
  });
}

function sameShape(application: Application): Signature[] {
  const x = requireInput(application, 0);
  return [{ type: x.type, shape: x.shape }];
}

function broadcast(outputType?: ElementType): InferenceRule {
  return (application) => {
    const a = requireInput(application, 0);
    const b = requireInput(application, 1);
    if (a.type !== b.type) throw new ShapeError(`${application.name}: operands are ${a.type} and ${b.type}`);
    return [{ type: outputType ?? a.type, shape: broadcastShapes(application.name, a.shape, b.shape) }];
  };
}

/** ONNX's numbers for the element types (TensorProto.DataType). */
export const ELEMENT_TYPE_NUMBERS: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

function castRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const to = integerAttribute(application.attributes, 'to', 0);
  const entry = Object.entries(ELEMENT_TYPE_NUMBERS).find(([, number]) => number === to);
  if (!entry) throw new ShapeError(`${application.name}: Cast to unknown type ${to}`);
  return [{ type: entry[0] as ElementType, shape: x.shape }];
}

function whereRule(application: Application): Signature[] {
  const [condition, a, b] = [0, 1, 2].map((index) => requireInput(application, index)) as [Value, Value, Value];
  if (condition.type !== 'bool') throw new ShapeError(`${application.name}: the condition is ${condition.type}, not bool`);
  if (a.type !== b.type) throw new ShapeError(`${application.name}: branches are ${a.type} and ${b.type}`);
  const branches = broadcastShapes(application.name, a.shape, b.shape);
  return [{ type: a.type, shape: broadcastShapes(application.name, condition.shape, branches) }];
}

export const elementwiseRules: Readonly<Record<string, InferenceRule>> = {
  Add: broadcast(),
  Sub: broadcast(),
  Mul: broadcast(),
  Div: broadcast(),
  Pow: broadcast(),
  Max: broadcast(),
  Min: broadcast(),
  Equal: broadcast('bool'),
  Greater: broadcast('bool'),
  And: broadcast('bool'),
  Where: whereRule,
  Cast: castRule,
  Neg: sameShape,
  Abs: sameShape,
  Sqrt: sameShape,
  Exp: sameShape,
  Log: sameShape,
  Sigmoid: sameShape,
  Tanh: sameShape,
  Relu: sameShape,
  LeakyRelu: sameShape,
  Sign: sameShape,
  Not: sameShape,
  Identity: sameShape,
};

/** An operand: a value, or a number that becomes a float32 scalar. At least one operand must be a value. */
export type Operand = Value | number;

function binary(operator: string): (a: Operand, b: Operand) => Value {
  return (a, b) => {
    const graph = typeof a !== 'number' ? a.graph : typeof b !== 'number' ? b.graph : undefined;
    if (!graph) throw new ShapeError(`${operator}: at least one operand must be a value of a graph`);
    const left = typeof a === 'number' ? graph.scalar(a) : a;
    const right = typeof b === 'number' ? graph.scalar(b) : b;
    return graph.apply(operator, [left, right])[0];
  };
}

function unary(operator: string): (x: Value) => Value {
  return (x) => x.graph.apply(operator, [x])[0];
}

export const add = binary('Add');
export const subtract = binary('Sub');
export const multiply = binary('Mul');
export const divide = binary('Div');
export const power = binary('Pow');
export const maximum = binary('Max');
export const minimum = binary('Min');
export const equal = binary('Equal');
export const greater = binary('Greater');
export const negate = unary('Neg');
export const absolute = unary('Abs');
export const squareRoot = unary('Sqrt');
export const exponential = unary('Exp');
export const logarithm = unary('Log');
export const sigmoid = unary('Sigmoid');
export const hyperbolicTangent = unary('Tanh');
export const relu = unary('Relu');
export const sign = unary('Sign');

/** `condition ? a : b`, element by element, with broadcasting. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const { graph } = condition;
  const branches = [a, b].map((operand) => (typeof operand === 'number' ? graph.scalar(operand) : operand));
  return graph.apply('Where', [condition, ...branches])[0];
}

/** Converts the element type. */
export function cast(x: Value, type: ElementType): Value {
  return x.graph.apply('Cast', [x], { to: ELEMENT_TYPE_NUMBERS[type] })[0];
}

/** `x` where positive, else `slope · x`. */
export function leakyRelu(x: Value, slope: number): Value {
  return x.graph.apply('LeakyRelu', [x], { alpha: { float: slope } })[0];
}
