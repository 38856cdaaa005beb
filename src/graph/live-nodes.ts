import type { Graph, Node } from './graph.js';

/** The nodes that the outputs depend on, in topological order. */
export function liveNodes(graph: Graph): Node[] {
  const live = new Set<Node>();
  const visit = [...graph.outputs.values()].flatMap((value) => value.producer ?? []);
  for (let node = visit.pop(); node; node = visit.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) if (input?.producer) visit.push(input.producer);
  }
  return graph.nodes.filter((node) => live.has(node));
}
