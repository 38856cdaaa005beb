/** Operators that an execution provider lacks, made of those that all have. */
import { floatAttribute } from './application.js';
import type { Capabilities, OptionalOperator } from './capabilities.js';
import type { Graph, Node, Value } from './graph.js';
import {
  cast,
  divide,
  exponential,
  greater,
  localResponseScale,
  logarithm,
  matrixProduct,
  power,
  reduceMax,
  reduceSum,
  subtract,
  transpose,
} from './operators/index.js';
import type { RewriteRule } from './rewrite.js';
import { rewrite } from './rewrite.js';

/** Computes the output of a node from its inputs in the new graph. */
type Lowering = (inputs: readonly Value[], node: Node) => Value;

/** The gradient of max-pooling, which alone makes ScatterElements, knows another way by itself. */
const LOWERINGS: Readonly<Record<Exclude<OptionalOperator, 'ScatterElements'>, Lowering>> = {
  FusedMatMul: ([a, b], { attributes }) =>
    matrixProduct(
      attributes['transA'] === 1 ? lastTwoExchanged(a!) : a!,
      attributes['transB'] === 1 ? lastTwoExchanged(b!) : b!,
    ),
  LRN: ([x], { attributes }) => divide(x!, power(localResponseScale(x!, attributes), floatAttribute(attributes, 'beta', 0.75))),
  LogSoftmax: ([x]) => {
    const shifted = subtract(x!, reduceMax(x!, { axes: [-1], keepAxes: true }));
    return subtract(shifted, logarithm(reduceSum(exponential(shifted), { axes: [-1], keepAxes: true })));
  },
  Sign: ([x]) => subtract(cast(greater(x!, 0), 'float32'), cast(greater(x!.graph.scalar(0), x!), 'float32')),
};

/** The graph with what is missing replaced; inputs and outputs keep their names. The graph itself where nothing is missing. */
export function lowered(graph: Graph, { operators }: Capabilities): Graph {
  const missing = Object.entries(LOWERINGS).filter(([name]) => !operators.has(name as OptionalOperator));
  if (missing.length === 0) return graph;
  const rules = new Map(missing);
  const rule: RewriteRule = (node, { mapped }) => {
    const lowering = rules.get(node.operator);
    if (!lowering) return undefined;
    const inputs = node.inputs.map((input) => mapped(input!));
    return [inputs[0]!.graph.scope(node.name, () => lowering(inputs, node))];
  };
  return rewrite(graph, [rule]).graph;
}

function lastTwoExchanged(x: Value): Value {
  const rank = x.shape.length;
  const order = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return transpose(x, order);
}
