import { ShapeError } from '../base/errors.js';
import type { Node, Value } from './graph.js';
import { Graph } from './graph.js';
import { liveNodes } from './live-nodes.js';

/** What a rewrite rule may ask about the graph that is being rewritten. */
export interface RewriteContext {
  /** The value in the new graph that stands for one of the old. */
  readonly mapped: (value: Value) => Value;
  /** How many nodes and graph outputs use a value of the old graph. */
  readonly uses: (value: Value) => number;
}

/**
 * Looks at a node of the old graph and returns the values of the new graph that stand for its outputs, or undefined
 * to have the node copied. A rule may replace inputs of the node along with it: what nothing uses any more is dropped
 * when the graph is serialised.
 */
export type RewriteRule = (node: Node, context: RewriteContext) => readonly Value[] | undefined;

/** A rewritten graph, and where the values of the old one are found in it. */
export interface Rewritten {
  readonly graph: Graph;
  readonly mapped: (value: Value) => Value;
}

/**
 * Copies what the outputs of a graph depend on, applying the first rule that matches to each node in topological order.
 */
export function rewrite(old: Graph, rules: readonly RewriteRule[]): Rewritten {
  const graph = new Graph();
  const images = new Map<Value, Value>();
  const nodes = liveNodes(old);
  const useCounts = new Map<Value, number>();
  const count = (value: Value) => useCounts.set(value, (useCounts.get(value) ?? 0) + 1);
  for (const node of nodes) for (const input of node.inputs) if (input) count(input);
  for (const value of old.outputs.values()) count(value);

  const mapped = (value: Value): Value => {
    const known = images.get(value);
    if (known) return known;
    if (!value.constant) throw new ShapeError(`rewrite: "${value.name}" has no counterpart in the new graph`);
    const copy = graph.constant(value.constant, value.name);
    images.set(value, copy);
    return copy;
  };
  const context: RewriteContext = { mapped, uses: (value) => useCounts.get(value) ?? 0 };

  for (const input of old.inputs) images.set(input, graph.input(input.name, input.type, input.shape));
  for (const node of nodes) {
    const replacement = rules.map((rule) => rule(node, context)).find((outputs) => outputs !== undefined);
    const outputs = replacement ?? copyNode(graph, node, mapped);
    node.outputs.forEach((output, index) => {
      const image = outputs[index];
      if (image) images.set(output, image);
    });
  }
  for (const [name, value] of old.outputs) graph.output(name, mapped(value));
  return { graph, mapped };
}

/** Rewrites a graph once for each rule, in turn, so that later rules see what earlier ones made. */
export function rewriteInTurn(old: Graph, rules: readonly RewriteRule[]): Rewritten {
  return rules.reduce<Rewritten>(
    (before, rule) => {
      const after = rewrite(before.graph, [rule]);
      return { graph: after.graph, mapped: (value) => after.mapped(before.mapped(value)) };
    },
    { graph: old, mapped: (value) => value },
  );
}

function copyNode(graph: Graph, node: Node, mapped: (value: Value) => Value): readonly Value[] {
  const inputs = node.inputs.map((input) => input && mapped(input));
  return graph.append({ ...node, inputs }, node.outputs);
}
