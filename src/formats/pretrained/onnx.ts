/** Weights of ONNX files from elsewhere: convolutions are matched by the order of the graph's nodes, whatever they are called. */
import type { ModelProto, TensorProto } from 'onnx-buf';
import { FormatError } from '../../base/errors.js';
import type { LayerDescription } from '../../nn/description.js';
import type { LayerWeights } from '../keras/weights.js';
import { readInitialiser } from '../onnx.js';
import type { Offer, WeightFile } from './offers.js';
import type { StoredConvolution } from './onnx-convolutions.js';
import { convolutionsOf } from './onnx-convolutions.js';

/** A convolution of the network, with the normalisation after it. */
interface Unit {
  readonly layer: Extract<LayerDescription, { kind: 'Conv2D' }>;
  readonly normalisation: Extract<LayerDescription, { kind: 'BatchNormalization' }> | undefined;
}

interface Block {
  readonly main: readonly Unit[];
  readonly shortcut: readonly Unit[];
}

/** Values without the shape that they need. */
type Source = Omit<Offer, 'needed'>;

const OWNERS = {
  ...{ kernel: 'convolution', bias: 'convolution' },
  ...{ gamma: 'normalisation', beta: 'normalisation', moving_mean: 'normalisation', moving_variance: 'normalisation' },
} as const;
type Role = keyof typeof OWNERS;

const HINT = 'The file must hold the same convolutions in the same order: those of Keras for vgg16 and resnet-50, those of torchvision for vgg16-torch and resnet-50-torch.';

/**
 * What the convolutions of an ONNX file offer. Batch normalisations that its writer has folded into them become ones that
 * leave the moving statistics' scale as it is; the network then computes the same in inference mode.
 * @param network its layers, and `layers` those of them that have parameters
 * @throws {FormatError} when a convolution steps otherwise than the network's, or its weights are not stored
 */
export function onnxOffers(
  { graph }: ModelProto,
  network: readonly LayerDescription[],
  layers: readonly LayerWeights[],
  file: string,
): WeightFile {
  const stored = convolutionsOf(graph!, file);
  const shapes = new Map(layers.flatMap(({ weights }) => weights.map(({ name, shape }) => [name, shape] as const)));
  const offers = new Map<string, Offer>();
  let folded = 0;
  for (const [{ layer, normalisation }, convolution] of paired(blocksOf(network), stored, shapes)) {
    checkSteps(layer, convolution, file);
    if (normalisation !== undefined && convolution.normalisation === undefined) folded += 1;
    const values = valuesOf(convolution, normalisation, shapes.has(`${layer.name}.bias`), file);
    const owners = { convolution: layer.name, normalisation: normalisation?.name };
    for (const [role, owner] of Object.entries(OWNERS) as [Role, keyof typeof owners][]) {
      const name = `${owners[owner]}.${role}`;
      const needed = shapes.get(name);
      if (needed) offers.set(name, { ...values[role], needed });
    }
  }
  const notes = ['An ONNX file does not say how its pictures are prepared: they are prepared as the model does it.'];
  if (folded > 0) notes.push(`${folded} normalisations are folded into convolutions in the file; they hold for frozen layers alone.`);
  return { origin: 'ONNX', offers, kernels: stored.map(({ kernel }) => kernel.name), notes, hint: HINT };
}

/** The convolutions in the order of the layers, each residual block by itself. */
function blocksOf(network: readonly LayerDescription[]): Block[] {
  return network.flatMap((layer, index) => {
    if (layer.kind === 'Residual') return [{ main: unitsOf(layer.main), shortcut: unitsOf(layer.shortcut) }];
    if (layer.kind !== 'Conv2D') return [];
    return [{ main: unitsOf([layer, ...network.slice(index + 1, index + 2)]).slice(0, 1), shortcut: [] }];
  });
}

function unitsOf(layers: readonly LayerDescription[]): Unit[] {
  return layers.flatMap((layer, index) => {
    const next = layers[index + 1];
    return layer.kind === 'Conv2D' ? [{ layer, normalisation: next?.kind === 'BatchNormalization' ? next : undefined }] : [];
  });
}

/**
 * Within a residual block, writers order the two ways as they like. The shortcut is the convolution that takes the same value
 * as another one of the block and has the shape of the network's shortcut.
 */
function paired(
  blocks: readonly Block[],
  stored: readonly StoredConvolution[],
  shapes: ReadonlyMap<string, readonly number[]>,
): (readonly [Unit, StoredConvolution])[] {
  let position = 0;
  return blocks.flatMap(({ main, shortcut }) => {
    const own = stored.slice(position, (position += main.length + shortcut.length));
    const shapeOf = ({ layer }: Unit): string | undefined => shapes.get(`${layer.name}.kernel`)?.join();
    const isShortcut = (convolution: StoredConvolution): boolean =>
      shortcut.some((unit) => shapeOf(unit) === convolution.kernel.dims.map(Number).join()) &&
      own.some((other) => other !== convolution && other.input === convolution.input);
    const ordered = [...own.filter((convolution) => !isShortcut(convolution)), ...own.filter(isShortcut)];
    return [...main, ...shortcut].flatMap((unit, index) => (ordered[index] ? [[unit, ordered[index]] as const] : []));
  });
}

function checkSteps({ name, stride, dilation }: Unit['layer'], convolution: StoredConvolution, file: string): void {
  const wrong = (what: string, theirs: string, ours: string): never => {
    throw new FormatError(file, `the convolution "${convolution.name}" has ${what} ${theirs}, "${name}" of the network ${ours}`, { hint: HINT });
  };
  const text = (pair: readonly number[]): string => pair.join('×');
  if (convolution.groups !== 1) wrong('groups', String(convolution.groups), 'none');
  if (text(convolution.stride) !== text(stride)) wrong('a stride of', text(convolution.stride), text(stride));
  if (text(convolution.dilation) !== text(dilation)) wrong('a dilation of', text(convolution.dilation), text(dilation));
}

/** Values for each parameter of a convolution and its normalisation. What a file leaves out goes by the name of the kernel. */
function valuesOf(
  { kernel, bias, normalisation: stored }: StoredConvolution,
  normalisation: Unit['normalisation'],
  hasBias: boolean,
  file: string,
): Record<Role, Source> {
  const channels = Number(kernel.dims[0]);
  const fill = (value: number): Source => ({ source: kernel.name, shape: [channels], read: () => new Float32Array(channels).fill(value) });
  const take = (tensor: TensorProto): Source => ({
    source: tensor.name,
    shape: tensor.dims.map(Number),
    read: () => readInitialiser(tensor, file).data,
  });
  // TensorFlow's summands are [1, O, 1, 1].
  const biases = bias === undefined ? fill(0) : { ...take(bias), shape: [channels] };
  const epsilon = normalisation?.epsilon ?? 0;
  if (stored === undefined) {
    return {
      ...{ kernel: take(kernel), bias: biases, gamma: fill(1), beta: hasBias ? fill(0) : biases },
      ...{ moving_mean: fill(0), moving_variance: fill(1 - epsilon) },
    };
  }
  const [mean, variance] = [take(stored.mean), take(stored.variance)];
  const difference = (values: Float32Array, others: Float32Array) => values.map((value, index) => value - others[index]!);
  return {
    ...{ kernel: take(kernel), bias: biases, gamma: take(stored.gamma), beta: take(stored.beta) },
    // A bias that the network has no place for moves the mean.
    moving_mean: hasBias ? mean : { ...mean, read: () => difference(mean.read(), biases.read()) },
    moving_variance: { ...variance, read: () => variance.read().map((value) => value + stored.epsilon - epsilon) },
  };
}
