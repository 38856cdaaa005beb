import { ShapeError } from '../../base/errors.js';
import { floatAttribute } from '../../graph/application.js';
import type { Value } from '../../graph/graph.js';
import {
  add,
  cast,
  divide,
  equal,
  greater,
  multiply,
  negate,
  power,
  sign,
  subtract,
  where,
} from '../../graph/operators/index.js';
import type { GradientRule } from '../rule.js';
import { inputOf, sumToShape } from '../rule.js';

/** A rule of an operator with one operand: `derivative` gives dx from dy, x and y. */
function unary(derivative: (dy: Value, x: Value, y: Value) => Value): GradientRule {
  return (node, dy) => [derivative(dy, inputOf(node, 0), node.outputs[0]!)];
}

/** A rule of an operator with two operands, which may have been broadcast. */
function binary(
  byA: (dy: Value, a: Value, b: Value, y: Value) => Value,
  byB: (dy: Value, a: Value, b: Value, y: Value) => Value,
): GradientRule {
  return (node, dy, wanted) => {
    const a = inputOf(node, 0);
    const b = inputOf(node, 1);
    const y = node.outputs[0]!;
    return [
      wanted[0] ? sumToShape(byA(dy, a, b, y), a.shape) : undefined,
      wanted[1] ? sumToShape(byB(dy, a, b, y), b.shape) : undefined,
    ];
  };
}

/** 1 where the condition holds, else 0. */
function indicator(condition: Value): Value {
  return cast(condition, 'float32');
}

/** Of two equal operands of a maximum or minimum, each takes half of the gradient. */
function extremum(): GradientRule {
  const share = (dy: Value, own: Value, other: Value, y: Value): Value => {
    const tie = multiply(indicator(equal(own, other)), 0.5);
    return multiply(dy, subtract(indicator(equal(own, y)), tie));
  };
  return binary(
    (dy, a, b, y) => share(dy, a, b, y),
    (dy, a, b, y) => share(dy, b, a, y),
  );
}

export const elementwiseGradients: Readonly<Record<string, GradientRule>> = {
  Add: binary(
    (dy) => dy,
    (dy) => dy,
  ),
  Sub: binary(
    (dy) => dy,
    (dy) => negate(dy),
  ),
  Mul: binary(
    (dy, _a, b) => multiply(dy, b),
    (dy, a) => multiply(dy, a),
  ),
  Div: binary(
    (dy, _a, b) => divide(dy, b),
    (dy, _a, b, y) => negate(divide(multiply(dy, y), b)),
  ),
  /** By the base alone: nothing here trains an exponent. */
  Pow: (node, dy, wanted) => {
    if (wanted[1]) throw new ShapeError(`${node.name}: there is no gradient rule for the exponent of Pow`);
    const base = inputOf(node, 0);
    const exponent = inputOf(node, 1);
    const slope = multiply(exponent, power(base, subtract(exponent, 1)));
    return [sumToShape(multiply(dy, slope), base.shape), undefined];
  },
  Max: extremum(),
  Min: extremum(),
  Where: (node, dy, wanted) => {
    const condition = inputOf(node, 0);
    return [
      undefined,
      wanted[1] ? sumToShape(where(condition, dy, 0), inputOf(node, 1).shape) : undefined,
      wanted[2] ? sumToShape(where(condition, 0, dy), inputOf(node, 2).shape) : undefined,
    ];
  },
  Neg: unary((dy) => negate(dy)),
  Abs: unary((dy, x) => multiply(dy, sign(x))),
  Sqrt: unary((dy, _x, y) => divide(multiply(dy, 0.5), y)),
  Exp: unary((dy, _x, y) => multiply(dy, y)),
  Log: unary((dy, x) => divide(dy, x)),
  Sigmoid: unary((dy, _x, y) => multiply(dy, multiply(y, subtract(1, y)))),
  Tanh: unary((dy, _x, y) => multiply(dy, subtract(1, multiply(y, y)))),
  Relu: unary((dy, _x, y) => multiply(dy, indicator(greater(y, 0)))),
  LeakyRelu: (node, dy) => {
    const slope = floatAttribute(node.attributes, 'alpha', 0.01);
    const positive = indicator(greater(inputOf(node, 0), 0));
    return [multiply(dy, add(multiply(positive, 1 - slope), slope))];
  },
  Identity: unary((dy) => dy),
};
