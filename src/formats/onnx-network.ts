/**
 * The layers and weights of a network in the ONNX file that is made of it, so that it can be trained further. The weights are
 * the initialisers of the graph, under the names of the parameters. Those of a convolution that has absorbed a batch
 * normalisation are others; what is needed to undo that stands in the metadata.
 */
import type { ModelProto } from 'onnx-buf';
import { z } from 'zod';
import { FormatError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, shapeText } from '../base/tensor.js';
import { fromBytes, isScaleOf, scaleName } from '../graph/eight-bit-weights.js';
import type { BatchNormFold, NormStatistics } from '../graph/fold-batch-norm.js';
import { unfolded } from '../graph/fold-batch-norm.js';
import type { Graph } from '../graph/graph.js';
import { liveNodes } from '../graph/live-nodes.js';
import type { LayerDescription } from '../nn/description.js';
import { describedNetwork, networkDescription } from '../nn/description.js';
import { parameterSpecs } from '../nn/network.js';
import type { StoredModel } from './model-safetensors.js';
import { requireOffsetsOf } from './model-safetensors.js';
import { parseOnnx, readInitialiser, readInitialiserBytes, UINT8 } from './onnx.js';
import { readCalibrationMetadata, readContract } from './onnx-contract.js';

/** Where the layers stand in the metadata. */
export const NETWORK = 'ageband.network';
const FOLDED = 'ageband.folded';

/** What stands in the metadata without which no network can be made of the file. */
const NEEDED = ['ageband.classes', 'ageband.image_size', NETWORK];
/** Digits that tell every float32 from its neighbours. */
const DIGITS = 9;

const statisticSchema = z.object({ name: z.string(), values: z.array(z.number()) });
const foldSchema = z.object({
  /** Names of the convolution's parameters; `bias` is null where it has none. */
  ...{ kernel: z.string(), bias: z.string().nullable() },
  /** Names of the initialisers that took their place. */
  ...{ storedKernel: z.string(), storedBias: z.string() },
  side: z.enum(['input', 'output']),
  epsilon: z.number().nonnegative(),
  /** With the names of the parameters that they are; a normalisation without gamma or beta has 1 or 0 there. */
  ...{ gamma: statisticSchema, beta: statisticSchema, mean: statisticSchema, variance: statisticSchema },
});
type StoredFold = z.infer<typeof foldSchema>;

const metadataSchema = z.object({ network: networkDescription, folded: z.array(foldSchema) });

/**
 * The metadata from which {@link readOnnxNetwork} makes the network again.
 * @param graph what goes into the file
 * @param folds the batch normalisations that were folded on the way to it
 */
export function networkMetadata(
  layers: readonly LayerDescription[],
  graph: Graph,
  folds: readonly BatchNormFold[],
): Record<string, string> {
  const used = new Set(liveNodes(graph).flatMap(({ inputs }) => inputs));
  const stored = folds.filter(({ kernel }) => used.has(kernel)).map(storedFold);
  return { [NETWORK]: JSON.stringify(layers), ...(stored.length > 0 ? { [FOLDED]: JSON.stringify(stored) } : {}) };
}

function storedFold({ norm, conv, side, statistics, kernel, bias }: BatchNormFold): StoredFold {
  const [, gamma, beta, mean, variance] = norm.inputs;
  const statistic = (value: (typeof norm.inputs)[number], values: Float32Array) => ({
    name: value!.name,
    values: Array.from(values, (number) => Number(number.toPrecision(DIGITS))),
  });
  return {
    ...{ kernel: conv.inputs[1]!.name, bias: conv.inputs[2]?.name ?? null },
    ...{ storedKernel: kernel.name, storedBias: bias.name, side, epsilon: statistics.epsilon },
    ...{ gamma: statistic(gamma, statistics.gamma), beta: statistic(beta, statistics.beta) },
    ...{ mean: statistic(mean, statistics.mean), variance: statistic(variance, statistics.variance) },
  };
}

/**
 * Reads the network of an ONNX file that `ageband export` wrote. Whether the weights are all there and of the right shape is
 * not checked.
 * @throws {FormatError} when the file is damaged, or says nothing of its network
 */
export function readOnnxNetwork(bytes: Uint8Array, file: string): StoredModel {
  const model = parseOnnx(bytes, file);
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key, value]));
  const contract = readContract(metadata);
  requireNetwork(metadata, contract !== undefined, file);
  const parsed = metadataSchema.safeParse({
    network: parseJson(metadata.get(NETWORK)),
    folded: metadata.has(FOLDED) ? parseJson(metadata.get(FOLDED)) : [],
  });
  if (!parsed.success) throw new FormatError(file, `has damaged metadata: ${z.prettifyError(parsed.error)}`);
  const { network: layers, folded } = parsed.data;
  const { classes, imageSize, alignment } = contract!;
  const name = metadata.get('ageband.model') ?? 'network';
  const specs = parameterSpecs(describedNetwork(name, layers), { imageSize, classes: classes.length });
  const weights = weightsOf(model, folded, new Set(specs.map((spec) => spec.name)), file);
  const calibration = readCalibrationMetadata(metadata);
  requireOffsetsOf(classes, calibration?.offsets, file);
  const said = { ...(calibration && { calibration }), ...(alignment && { alignment }) };
  return { name, layers, imageSize, classes, weights, ...said };
}

function requireNetwork(metadata: ReadonlyMap<string, string>, isUsable: boolean, file: string): void {
  const lacking = NEEDED.filter((key) => !metadata.has(key));
  if (lacking.length === 0 && isUsable) return;
  const what = lacking.length === 0 ? 'has damaged metadata' : `lacks ${lacking.join(', ')} in its metadata`;
  throw new FormatError(file, `${what}, so that its layers are not known`, {
    hint: isUsable
      ? '`ageband predict` and `ageband evaluate` take it as it is; to train it further, export its run again.'
      : 'Only ONNX files that `ageband export` wrote can be imported; of a network from elsewhere, take its Keras file.',
  });
}

/** @param names of the parameters of the network */
function weightsOf(
  { graph }: ModelProto,
  folds: readonly StoredFold[],
  names: ReadonlySet<string>,
  file: string,
): Map<string, HostTensor> {
  const initialisers = new Map(graph!.initializer.map((tensor) => [tensor.name, tensor]));
  const read = (name: string): HostTensor<'float32'> => {
    const tensor = initialisers.get(name);
    if (tensor === undefined) throw new FormatError(file, `has no initialiser "${name}", which its metadata name`);
    if (tensor.dataType !== UINT8) return readInitialiser(tensor, file);
    const scales = read(scaleName(name));
    const bytes = readInitialiserBytes(tensor, file);
    if (!isScaleOf(scales, bytes)) throw new FormatError(file, `the scales of "${name}" do not fit its shape ${shapeText(bytes.shape)}`);
    return fromBytes(bytes, scales);
  };
  const weights = new Map<string, HostTensor>();
  for (const name of names) if (initialisers.has(name)) weights.set(name, read(name));
  for (const fold of folds) {
    const statistics = statisticsOf(fold);
    const stored = { kernel: read(fold.storedKernel), bias: read(fold.storedBias).data };
    requireFitting(stored, statistics, fold, file);
    const { kernel, bias } = unfolded(stored, statistics, fold.side);
    weights.set(fold.kernel, kernel);
    if (fold.bias !== null) weights.set(fold.bias, floatTensor(bias, [bias.length]));
    for (const statistic of ['gamma', 'beta', 'mean', 'variance'] as const) {
      const { name } = fold[statistic];
      if (names.has(name)) weights.set(name, floatTensor(statistics[statistic], [statistics[statistic].length]));
    }
  }
  return weights;
}

function statisticsOf({ gamma, beta, mean, variance, epsilon }: StoredFold): NormStatistics {
  const floats = ({ values }: StoredFold['gamma']): Float32Array => Float32Array.from(values);
  return { gamma: floats(gamma), beta: floats(beta), mean: floats(mean), variance: floats(variance), epsilon };
}

function requireFitting(
  { kernel, bias }: { kernel: HostTensor; bias: Float32Array },
  { gamma, beta, mean, variance }: NormStatistics,
  { side, storedKernel }: StoredFold,
  file: string,
): void {
  const { shape } = kernel;
  const channels = shape[side === 'input' ? 1 : 0];
  const fits = shape.length === 4 && bias.length === shape[0] && [gamma, beta, mean, variance].every(({ length }) => length === channels);
  if (!fits) throw new FormatError(file, `the normalisation that was folded into "${storedKernel}" does not fit its shape ${shapeText(shape)}`);
}
