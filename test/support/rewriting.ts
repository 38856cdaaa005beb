import { expect } from 'vitest';
import type { HostTensor } from '../../src/base/tensor.js';
import type { Value } from '../../src/graph/graph.js';
import { Graph } from '../../src/graph/graph.js';
import { liveNodes } from '../../src/graph/live-nodes.js';
import type { RewriteRule } from '../../src/graph/rewrite.js';
import { rewrite } from '../../src/graph/rewrite.js';
import { evaluate } from './numeric.js';

export const operatorsOf = (graph: Graph): string[] => liveNodes(graph).map((node) => node.operator);

/** A graph of one input and one output, before and after it was rewritten. */
export interface Case {
  readonly x: HostTensor;
  readonly before: Graph;
  readonly after: Graph;
}

/** Rewrites the graph that `build` makes of an input like `x`. */
export function rewritten(x: HostTensor, rule: RewriteRule, build: (x: Value) => Value): Case {
  const before = new Graph();
  before.output('y', build(before.input('x', 'float32', x.shape)));
  return { x, before, after: rewrite(before, [rule]).graph };
}

/** Largest difference between the outputs of both graphs, relative to the largest output. */
export async function differenceOf({ x, before, after }: Case): Promise<number> {
  const [old, now] = (await Promise.all([before, after].map((graph) => evaluate(graph, { x })))).map(
    (outputs) => outputs['y']!.data as Float32Array,
  ) as [Float32Array, Float32Array];
  expect(now.length).toBe(old.length);
  const scale = old.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(0);
  return old.reduce((largest, value, index) => Math.max(largest, Math.abs(value - now[index]!)), 0) / scale;
}
