/** What a file of weights from elsewhere offers to a network, and what a network takes of it. */
import { FormatError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor, shapeText } from '../../base/tensor.js';
import type { LayerWeights, WeightLayout } from '../keras/weights.js';

/** Values for one parameter. */
export interface Offer {
  /** Name of the tensor in the file. */
  readonly source: string;
  /** As it stands in the file. */
  readonly shape: readonly number[];
  /** As it would have to stand there. */
  readonly needed: readonly number[];
  /** Its values in the layout of the network. */
  readonly read: () => Float32Array;
}

/** Everything that a file offers. */
export interface WeightFile {
  /** Whose file it is, for messages: `Keras`, for instance. */
  readonly origin: string;
  /** By names of parameters, `layer.role`. */
  readonly offers: ReadonlyMap<string, Offer>;
  /** Names of all kernels of convolutions in it, to see that none is left over. */
  readonly kernels: readonly string[];
  /** What the user should know. */
  readonly notes: readonly string[];
  /** What to do when the file does not fit. */
  readonly hint: string;
}

/** What a network has taken. */
export interface TakenWeights {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Names of the layers whose weights were taken, and of those that start anew. */
  readonly taken: readonly string[];
  readonly anew: readonly string[];
  readonly notes: readonly string[];
}

/** Tops of networks that have kernels of convolutions in timm's files; nobody takes them over. */
const TOP = /^pre_logits\b/;

/**
 * Takes the weights of whole layers. Dense layers that do not fit start anew: they are the head. The layers before them make
 * up the backbone and must all fit, and the file must hold no further convolutions: else it is of another network.
 * @param layers with parameters, in order
 * @throws {FormatError} naming the first tensor that is missing, left over or of another shape, or not finite
 */
export function takeOffers(weights: WeightFile, layers: readonly LayerWeights[], file: string): TakenWeights {
  const { origin, offers, kernels, notes, hint } = weights;
  const fail = (reason: string): never => {
    throw new FormatError(file, reason, { hint });
  };
  const faults = new Map(layers.map((layer) => [layer.layer, faultOf(layer, offers)]));
  const backbone = layers.filter(({ kind }) => kind !== 'Dense');
  const misfit = backbone.find(({ layer }) => faults.get(layer) !== undefined);
  if (misfit) {
    const fitting = backbone.filter(({ layer }) => faults.get(layer) === undefined).length;
    const extent = fitting === 0 ? `none of the ${backbone.length}` : `only ${fitting} of ${backbone.length}`;
    fail(`fits ${extent} layers with weights before the head (read as a file of ${origin}): ${faults.get(misfit.layer)!}`);
  }
  const taken = layers.filter(({ layer }) => faults.get(layer) === undefined);
  const used = new Set(taken.flatMap((layer) => layer.weights.map(({ name }) => offers.get(name)!.source)));
  const surplus = kernels.find((kernel) => !used.has(kernel) && !TOP.test(kernel));
  if (surplus !== undefined) fail(`holds the convolution "${surplus}", which the network does not have`);
  const tensors = taken.flatMap((layer) => layer.weights.map((layout) => [layout.name, tensorOf(layout, offers.get(layout.name)!, file)] as const));
  const anew = layers.filter((layer) => !taken.includes(layer));
  const names = (some: readonly LayerWeights[]) => some.map(({ layer }) => layer);
  return { tensors: new Map(tensors), taken: names(taken), anew: names(anew), notes };
}

/** Why a layer cannot be taken; undefined when it can. */
function faultOf({ weights }: LayerWeights, offers: ReadonlyMap<string, Offer>): string | undefined {
  for (const { name, shape } of weights) {
    const offer = offers.get(name);
    if (offer === undefined) return `there is nothing for "${name}", ${shapeText(shape)}`;
    if (offer.shape.join() !== offer.needed.join()) {
      return `tensor "${offer.source}" has shape ${shapeText(offer.shape)}, "${name}" needs ${shapeText(offer.needed)}`;
    }
  }
  return undefined;
}

function tensorOf({ shape }: WeightLayout, { source, read }: Offer, file: string): HostTensor {
  const values = read();
  if (values.every(Number.isFinite)) return floatTensor(values, shape);
  throw new FormatError(file, `tensor "${source}" holds values that are no finite numbers`);
}
