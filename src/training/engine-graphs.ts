/** The graphs that train and apply a network, of which some layers may be frozen. */
import type { Capabilities } from '../graph/capabilities.js';
import { PROCESSOR_CAPABILITIES } from '../graph/capabilities.js';
import type { Graph } from '../graph/graph.js';
import { lowered } from '../graph/lowering.js';
import { poolBeforeRelu } from '../graph/rewrite-rules.js';
import { rewrite, rewriteInTurn } from '../graph/rewrite.js';
import { serialise } from '../graph/serialise.js';
import { frozenFront } from '../nn/parts.js';
import { ageLoss } from '../nn/losses.js';
import type { MaskSpec, NetworkDefinition } from '../nn/network.js';
import { buildNetwork, layerOfParameter, partOf, yearLogits } from '../nn/network.js';
import type { Optimiser } from '../nn/optimisers.js';
import { ageLossInputs, buildTrainingStep, trainingRewrites } from '../nn/training-step.js';

/** What a network is trained as, whatever the weights and the pictures. */
export interface TrainedSetting {
  readonly network: NetworkDefinition;
  readonly imageSize: number;
  readonly classes: number;
  readonly optimiser: Optimiser;
  readonly clipNorm?: number;
  /** What the learning rate of a layer is multiplied by, by its name; 1 by default. */
  readonly rates?: ReadonlyMap<string, number>;
  /** Of what computes the graphs; the processor by default. */
  readonly capabilities?: Capabilities;
}

/** Which layers are trained at a time, by their names. */
export interface Stage {
  readonly frozen: ReadonlySet<string>;
  /** Those that were frozen before, and the step of the training from which on they are not. */
  readonly late?: { readonly layers: ReadonlySet<string>; readonly since: number };
}

/** The layers at the start of a network that give the same for a picture throughout a stage. */
export interface Front {
  readonly layers: number;
  /** Shape of what they give for one picture, without the batch. */
  readonly shape: readonly number[];
}

/** Whether a graph takes pictures, or the features that the front gives. */
export type InputKind = 'images' | 'features';

/** A graph for ONNX Runtime, with the names of its inputs. */
export interface ReadyGraph {
  readonly model: Uint8Array;
  readonly inputs: ReadonlySet<string>;
}

/** The graphs of a stage. */
export class StageGraphs {
  readonly #setting: TrainedSetting;
  readonly #stage: Stage;
  /** Undefined where no weights at the start of the network are frozen. */
  readonly front: Front | undefined;

  /** @throws {ShapeError} when the pictures are too small for the network. */
  constructor(setting: TrainedSetting, stage: Stage) {
    this.#setting = setting;
    this.#stage = stage;
    const { network, imageSize, classes } = setting;
    const built = buildNetwork(network, { batch: 1, imageSize, classes, training: false });
    const weighted = new Set(built.parameters.map(({ name }) => layerOfParameter(name)));
    const layers = frozenFront(built.layers.map(({ layer }) => layer), stage.frozen, weighted);
    this.front = layers === 0 ? undefined : { layers, shape: built.layers[layers - 1]!.output.shape.slice(1) };
  }

  /** A step of training for a batch of that size. */
  step(batch: number, kind: InputKind) {
    const { frozen, late } = this.#stage;
    const { network, ...setting } = this.#setting;
    const parts = { ...this.#partsFor(batch, kind), frozen, ...(late && { late: late.layers }) };
    return buildTrainingStep(this.#networkFor(kind), { ...setting, ...parts });
  }

  /** The same for ONNX Runtime, with its masks and the names of the tensors that it changes. */
  readyStep(batch: number, kind: InputKind): ReadyGraph & { readonly masks: readonly MaskSpec[]; readonly outputs: readonly string[] } {
    const { graph, masks } = this.step(batch, kind);
    return { ...this.#ready(graph), masks, outputs: [...graph.outputs.keys()] };
  }

  /** Logits in inference mode, and the loss of ages if it is asked for, of a network that tells years. */
  forward(batch: number, kind: InputKind, withAges: boolean): ReadyGraph {
    const { imageSize, classes } = this.#setting;
    const sizes = { ...this.#partsFor(batch, kind), imageSize, classes, training: false };
    const built = buildNetwork(this.#networkFor(kind), sizes);
    built.graph.output('logits', built.logits);
    const years = withAges ? yearLogits(built) : undefined;
    if (years !== undefined) built.graph.output('age_loss', ageLoss(years, ageLossInputs(built.graph, years)));
    return this.#ready(rewrite(built.graph, [poolBeforeRelu]).graph);
  }

  /** What the front gives, computed as a step of training computes it. */
  features(batch: number): ReadyGraph {
    const { network, imageSize, classes } = this.#setting;
    const front = partOf(network, 0, this.front!.layers);
    const built = buildNetwork(front, { batch, imageSize, classes, training: true, frozen: this.#stage.frozen });
    built.graph.output('features', built.logits);
    return this.#ready(rewriteInTurn(built.graph, trainingRewrites(this.#setting.capabilities)).graph);
  }

  #ready(graph: Graph): ReadyGraph {
    const { capabilities = PROCESSOR_CAPABILITIES } = this.#setting;
    return { model: serialise(lowered(graph, capabilities)), inputs: new Set(graph.inputs.map(({ name }) => name)) };
  }

  #networkFor(kind: InputKind): NetworkDefinition {
    const { network } = this.#setting;
    return kind === 'images' ? network : partOf(network, this.front!.layers);
  }

  #partsFor(batch: number, kind: InputKind) {
    return { batch, ...(kind === 'features' && { features: [batch, ...this.front!.shape] }) };
  }
}
