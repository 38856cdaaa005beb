import { ShapeError } from '../base/errors.js';
import { shapeText } from '../base/tensor.js';
import type { Capabilities } from '../graph/capabilities.js';
import { PROCESSOR_CAPABILITIES } from '../graph/capabilities.js';
import type { Node, Value } from '../graph/graph.js';
import { add } from '../graph/operators/index.js';
import type { GradientRule } from './rule.js';
import { convolutionGradients } from './rules/convolution.js';
import { elementwiseGradients } from './rules/elementwise.js';
import { indexingGradients } from './rules/indexing.js';
import { layoutGradients } from './rules/layout.js';
import { matrixGradients } from './rules/matrix.js';
import { normalisationGradients } from './rules/normalisation.js';
import { poolingGradients } from './rules/pooling.js';
import { reductionGradients } from './rules/reduction.js';

const rules: Readonly<Record<string, GradientRule>> = {
  ...convolutionGradients,
  ...elementwiseGradients,
  ...indexingGradients,
  ...layoutGradients,
  ...matrixGradients,
  ...normalisationGradients,
  ...poolingGradients,
  ...reductionGradients,
};

export interface GradientOptions {
  readonly seed?: Value | undefined;
  readonly capabilities?: Capabilities | undefined;
}

/** The operators that have a gradient. */
export const DIFFERENTIABLE: readonly string[] = Object.keys(rules);

/**
 * Appends the backward pass of `loss` to its graph (reverse-mode differentiation, one rule per operator).
 * @param loss a scalar
 * @param sources values to differentiate by
 * @param options.seed gradient of the scalar that is really wanted with respect to `loss`: 1 by default. A seed of the
 *   learning rate yields gradients already multiplied by it.
 * @param options.capabilities of what will compute the graph; the processor by default
 * @returns the gradient of each source, in order and of its shape
 * @throws {ShapeError} when the loss or the seed is no scalar, the loss does not depend on a source, or an operator has no rule.
 */
export function gradients(loss: Value, sources: readonly Value[], options: GradientOptions = {}): Value[] {
  const { seed, capabilities = PROCESSOR_CAPABILITIES } = options;
  if (loss.shape.length !== 0) throw new ShapeError(`gradients: the loss must be a scalar, got ${shapeText(loss.shape)}`);
  if (seed && seed.shape.length !== 0) throw new ShapeError(`gradients: the seed must be a scalar, got ${shapeText(seed.shape)}`);
  const { graph } = loss;
  const depends = dependents(graph.nodes, sources);
  const gradientOf = new Map<Value, Value>([[loss, seed ?? graph.scalar(1)]]);

  for (const node of [...graph.nodes].reverse()) {
    const outputGradients = node.outputs.map((output) => gradientOf.get(output));
    const wanted = node.inputs.map((input) => input !== undefined && depends.has(input));
    const first = outputGradients.find((gradient) => gradient !== undefined);
    if (!first || !wanted.includes(true)) continue;
    const contributions = graph.scope(`gradient of ${node.name}`, () =>
      ruleOf(node)(node, first, wanted, outputGradients, capabilities),
    );
    contributions.forEach((contribution, index) => {
      const input = node.inputs[index];
      if (!contribution || !input || !wanted[index]) return;
      const known = gradientOf.get(input);
      gradientOf.set(input, known ? add(known, contribution) : contribution);
    });
  }

  return sources.map((source) => {
    const gradient = gradientOf.get(source);
    if (!gradient) throw new ShapeError(`gradients: the loss does not depend on "${source.name}"`);
    return gradient;
  });
}

/** All values that depend on a source, the sources included. */
function dependents(nodes: readonly Node[], sources: readonly Value[]): Set<Value> {
  const found = new Set(sources);
  for (const node of nodes) {
    if (node.inputs.some((input) => input && found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

function ruleOf(node: Node): GradientRule {
  const rule = Object.hasOwn(rules, node.operator) ? rules[node.operator] : undefined;
  if (!rule) throw new ShapeError(`${node.name}: there is no gradient rule for operator "${node.operator}"`);
  return rule;
}
