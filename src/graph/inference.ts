import { ShapeError } from '../base/errors.js';
import type { Application, InferenceRule } from './application.js';
import type { Signature } from './graph.js';
import { convolutionRules } from './operators/convolution.js';
import { elementwiseRules } from './operators/elementwise.js';
import { indexingRules } from './operators/indexing.js';
import { layoutRules } from './operators/layout.js';
import { matrixRules } from './operators/matrix.js';
import { normalisationRules } from './operators/normalisation.js';
import { poolingRules } from './operators/pooling.js';
import { reductionRules } from './operators/reduction.js';

const rules: Readonly<Record<string, InferenceRule>> = {
  ...convolutionRules,
  ...elementwiseRules,
  ...indexingRules,
  ...layoutRules,
  ...matrixRules,
  ...normalisationRules,
  ...poolingRules,
  ...reductionRules,
};

/** Types and shapes of the outputs of a node. @throws {ShapeError} for unknown operators and inputs that do not fit. */
export function inferOutputs(application: Application): readonly Signature[] {
  const rule = Object.hasOwn(rules, application.operator) ? rules[application.operator] : undefined;
  if (!rule) throw new ShapeError(`${application.name}: operator "${application.operator}" is not supported`);
  return rule(application);
}
