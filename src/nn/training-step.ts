import { gradients } from '../autodiff/gradients.js';
import type { Graph, Value } from '../graph/graph.js';
import { add, divide, minimum, multiply, reduceSumSquare, squareRoot } from '../graph/operators/index.js';
import { poolBeforeRelu, poolInChunks } from '../graph/rewrite-rules.js';
import { convolutionByRows } from '../graph/rewrite-winograd.js';
import { rewriteInTurn } from '../graph/rewrite.js';
import type { ParameterSpec } from './layer.js';
import { ageLoss, crossEntropy } from './losses.js';
import type { MaskSpec, NetworkDefinition } from './network.js';
import { buildNetwork, yearLogits } from './network.js';
import type { Optimiser } from './optimisers.js';

export interface TrainingStepOptions {
  readonly batch: number;
  readonly imageSize: number;
  readonly classes: number;
  readonly optimiser: Optimiser;
  /** Largest norm of all gradients together; they are scaled down to it. */
  readonly clipNorm?: number;
}

/**
 * One step of training as a graph: forward pass, backward pass and update of the parameters.
 *
 * Inputs: `images` [N, 3, H, W], `targets` [N, classes], `weights` [N], the optimiser's scalars, dropout masks, all
 * parameters and optimiser slots by name; for a network that ends in bands of years also `year_targets` [N, years],
 * `ages` [N] and `age_weights` [N], whose loss is added to that of the bands. Outputs: `loss`, `logits` [N, classes], and `next:NAME` for every parameter
 * and slot.
 */
export interface TrainingStep {
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  /** Tensors of the optimiser: `parameter/slot`. */
  readonly slots: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly masks: readonly MaskSpec[];
  /** Number of single years that the network tells ages by, if it does. */
  readonly years: number | undefined;
}

/** Name of the output that holds the next value of a parameter or slot. */
export function nextOf(name: string): string {
  return `next:${name}`;
}

/** Builds the graph of a training step. @throws {ShapeError} when the pictures do not fit the network. */
export function buildTrainingStep(definition: NetworkDefinition, options: TrainingStepOptions): TrainingStep {
  const { batch, imageSize, classes, optimiser, clipNorm } = options;
  const network = buildNetwork(definition, { batch, imageSize, classes, training: true });
  network.graph.output('logits', network.logits);
  for (const [name, value] of network.updates) network.graph.output(nextOf(name), value);
  const { graph, mapped } = rewriteInTurn(network.graph, [poolBeforeRelu, poolInChunks, convolutionByRows]);
  const logits = mapped(network.logits);

  const years = yearLogits(network);
  const loss = graph.scope('loss', () => {
    const input = (name: string, ...shape: number[]) => graph.input(name, 'float32', [batch, ...shape]);
    const ofBands = crossEntropy(logits, input('targets', classes), input('weights'));
    if (years === undefined) return ofBands;
    const distributions = input('year_targets', years.shape[1]!);
    return add(ofBands, ageLoss(mapped(years), { distributions, ages: input('ages'), weights: input('age_weights') }));
  });
  graph.output('loss', loss);

  const scalars = new Map(Object.keys(optimiser.scalars(0, 1)).map((name) => [name, graph.input(name, 'float32', [])]));
  const scalar = (name: string): Value => scalars.get(name)!;
  const trained = network.parameters.filter((parameter) => parameter.trainable);
  const seed = optimiser.takesScaledGradients ? scalar('learning_rate') : undefined;
  const raw = gradients(loss, trained.map((parameter) => mapped(parameter.value)), seed);
  const clipped = clipNorm === undefined ? raw : clip(raw, seed ? multiply(seed, clipNorm) : graph.scalar(clipNorm));

  const slots: { name: string; shape: readonly number[] }[] = [];
  trained.forEach((parameter, index) => {
    const slot = (role: string): Value => {
      const name = `${parameter.name}/${role}`;
      slots.push({ name, shape: parameter.shape });
      return graph.input(name, 'float32', parameter.shape);
    };
    const update = graph.scope(`update of ${parameter.name}`, () =>
      optimiser.update({ parameter: mapped(parameter.value), gradient: clipped[index]!, scalar, slot }),
    );
    graph.output(nextOf(parameter.name), update.parameter);
    for (const [role, value] of Object.entries(update.slots)) graph.output(nextOf(`${parameter.name}/${role}`), value);
  });
  return { graph, parameters: network.parameters, slots, masks: network.masks, years: years?.shape[1] };
}

/** Scales gradients so that their common norm is at most `limit` (Pascanu et al. 2013). */
function clip(gradientList: readonly Value[], limit: Value): Value[] {
  return limit.graph.scope('clip', () => {
    const squares = gradientList.map((gradient) => reduceSumSquare(gradient));
    const norm = squareRoot(squares.reduce((sum, square) => add(sum, square)));
    const factor = minimum(divide(limit, add(norm, 1e-12)), 1);
    return gradientList.map((gradient) => multiply(gradient, factor));
  });
}
