import { gradients } from '../autodiff/gradients.js';
import type { Capabilities } from '../graph/capabilities.js';
import { PROCESSOR_CAPABILITIES } from '../graph/capabilities.js';
import type { Graph, Value } from '../graph/graph.js';
import { add, divide, minimum, multiply, reduceSumSquare, squareRoot } from '../graph/operators/index.js';
import { poolBeforeRelu, poolInChunks } from '../graph/rewrite-rules.js';
import type { RewriteRule } from '../graph/rewrite.js';
import { convolutionByRows } from '../graph/rewrite-winograd.js';
import { rewriteInTurn } from '../graph/rewrite.js';
import type { ParameterSpec } from './layer.js';
import type { AgeTargets } from './losses.js';
import { ageLoss, crossEntropy } from './losses.js';
import type { MaskSpec, NetworkDefinition } from './network.js';
import { buildNetwork, layerOfParameter, yearLogits } from './network.js';
import type { Optimiser } from './optimisers.js';

export interface TrainingStepOptions {
  readonly batch: number;
  readonly imageSize: number;
  readonly classes: number;
  readonly optimiser: Optimiser;
  /** Largest norm of all gradients together; they are scaled down to it. */
  readonly clipNorm?: number;
  /** Names of layers whose weights stay as they are; none by default. What they alone need is not differentiated. */
  readonly frozen?: ReadonlySet<string>;
  /** Names of layers that were frozen at first: the optimiser counts its steps for them from when they were not any more. */
  readonly late?: ReadonlySet<string>;
  /** What the learning rate of a layer is multiplied by, by its name; 1 by default. */
  readonly rates?: ReadonlyMap<string, number>;
  /** As for `buildNetwork`: the step is that of the last layers, which all others lead up to. */
  readonly features?: readonly number[];
  /** Of what will compute the step; the processor by default. What it lacks is still to be lowered: see `lowered`. */
  readonly capabilities?: Capabilities;
}

/**
 * One step of training as a graph: forward pass, backward pass and update of the parameters.
 *
 * Inputs: `images` [N, 3, H, W] or `features`, `targets` [N, classes], `weights` [N], the optimiser's scalars (once more as
 * `late:NAME` if there are late layers), dropout masks, all parameters and the optimiser slots of those that are trained
 * by name; for a network that ends in bands of years also `year_targets` [N, years], `ages` [N] and `age_weights` [N], whose
 * loss is added to that of the bands. Outputs: `loss`, `logits` [N, classes], and `next:NAME` for every parameter and slot
 * that the step changes.
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

/** What the forward pass of a training step is rewritten by, in turn. */
export function trainingRewrites({ winograd, largestMap }: Capabilities = PROCESSOR_CAPABILITIES): RewriteRule[] {
  return [poolBeforeRelu, poolInChunks(largestMap), ...(winograd ? [convolutionByRows] : [])];
}

/** Name of the output that holds the next value of a parameter or slot. */
export function nextOf(name: string): string {
  return `next:${name}`;
}

/** Name of the input with a scalar of the optimiser for late layers. */
export function lateScalar(name: string): string {
  return `late:${name}`;
}

/** What is known of ages, as inputs `year_targets` [N, years], `ages` [N] and `age_weights` [N]. @param years [N, years] */
export function ageLossInputs(graph: Graph, years: Value): AgeTargets {
  const input = (name: string, shape: readonly number[]) => graph.input(name, 'float32', shape);
  const ofPictures = years.shape.slice(0, 1);
  return { distributions: input('year_targets', years.shape), ages: input('ages', ofPictures), weights: input('age_weights', ofPictures) };
}

/** Builds the graph of a training step. @throws {ShapeError} when the pictures do not fit the network. */
export function buildTrainingStep(definition: NetworkDefinition, options: TrainingStepOptions): TrainingStep {
  const { batch, classes, optimiser, clipNorm, capabilities } = options;
  const network = buildNetwork(definition, { ...partsOf(options), training: true });
  network.graph.output('logits', network.logits);
  for (const [name, value] of network.updates) network.graph.output(nextOf(name), value);
  const { graph, mapped } = rewriteInTurn(network.graph, trainingRewrites(capabilities));
  const logits = mapped(network.logits);

  const years = yearLogits(network);
  const loss = graph.scope('loss', () => {
    const input = (name: string, ...shape: number[]) => graph.input(name, 'float32', [batch, ...shape]);
    const ofBands = crossEntropy(logits, input('targets', classes), input('weights'));
    if (years === undefined) return ofBands;
    return add(ofBands, ageLoss(mapped(years), ageLossInputs(graph, years)));
  });
  graph.output('loss', loss);

  const names = Object.keys(optimiser.scalars(0, 1));
  const scalars = new Map(names.map((name) => [name, graph.input(name, 'float32', [])]));
  const trained = network.parameters
    .filter((parameter) => parameter.trainable)
    .map((parameter) => ({ ...parameter, value: mapped(parameter.value) }));
  const seed = optimiser.takesScaledGradients ? scalars.get('learning_rate')! : undefined;
  const raw = gradients(loss, trained.map(({ value }) => value), { seed, capabilities });
  const clipped = clipNorm === undefined ? raw : clip(raw, seed ? multiply(seed, clipNorm) : graph.scalar(clipNorm));
  const slots = appendUpdates(graph, trained, clipped, scalars, options);
  return { graph, parameters: network.parameters, slots, masks: network.masks, years: years?.shape[1] };
}

function partsOf({ batch, imageSize, classes, frozen, features }: TrainingStepOptions) {
  return { batch, imageSize, classes, ...(frozen && { frozen }), ...(features && { features }) };
}

type TrainedParameter = ParameterSpec & { readonly value: Value };

/** Appends the updates of parameters and slots with their outputs. @returns the slots */
function appendUpdates(
  graph: Graph,
  trained: readonly TrainedParameter[],
  gradientList: readonly Value[],
  scalars: ReadonlyMap<string, Value>,
  { optimiser, late = new Set(), rates = new Map() }: TrainingStepOptions,
): TrainingStep['slots'] {
  const lateScalars =
    late.size === 0 ? scalars : new Map([...scalars.keys()].map((name) => [name, graph.input(lateScalar(name), 'float32', [])]));
  const slots: { name: string; shape: readonly number[] }[] = [];
  trained.forEach(({ name, shape, value }, index) => {
    const layer = layerOfParameter(name);
    const own = late.has(layer) ? lateScalars : scalars;
    const factor = rates.get(layer) ?? 1;
    const scaled = (scaledValue: Value): Value => (factor === 1 ? scaledValue : multiply(scaledValue, factor));
    const gradient = gradientList[index]!;
    const update = graph.scope(`update of ${name}`, () =>
      optimiser.update({
        parameter: value,
        gradient: optimiser.takesScaledGradients ? scaled(gradient) : gradient,
        scalar: (role) => (role === 'learning_rate' ? scaled(own.get(role)!) : own.get(role)!),
        slot: (role) => {
          slots.push({ name: `${name}/${role}`, shape });
          return graph.input(`${name}/${role}`, 'float32', shape);
        },
      }),
    );
    graph.output(nextOf(name), update.parameter);
    for (const [role, next] of Object.entries(update.slots)) graph.output(nextOf(`${name}/${role}`), next);
  });
  return slots;
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
