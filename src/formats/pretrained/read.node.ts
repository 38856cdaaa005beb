/** Weights of a network from a file of whatever kind; what it holds decides the kind, not its name. */
import type { ModelProto } from 'onnx-buf';
import { FormatError } from '../../base/errors.js';
import type { ByteListener } from '../../base/files.node.js';
import type { HostTensor } from '../../base/tensor.js';
import type { NetworkDefinition } from '../../nn/network.js';
import { HDF5_SIGNATURE, startsWith, ZIP_SIGNATURE } from '../keras/arrays.js';
import { readKerasWeightsSafely } from '../keras/read.node.js';
import type { LayerWeights } from '../keras/weights.js';
import { weightLayouts } from '../keras/weights.js';
import { NETWORK, readOnnxNetwork } from '../onnx-network.js';
import { parseOnnx } from '../onnx.js';
import { readSafetensors } from '../safetensors.js';
import { isTorchFile, readTorchTensors } from '../torch/read.js';
import { kerasOffers } from './keras.js';
import type { TakenWeights, WeightFile } from './offers.js';
import { takeOffers } from './offers.js';
import { onnxOffers } from './onnx.js';
import { ownOffers, torchOffers } from './tensors.js';

/** What takes the weights. */
export interface Taker {
  readonly network: NetworkDefinition;
  readonly imageSize: number;
  readonly classes: number;
}

const KINDS = "Keras's .h5 and .keras, PyTorch's .pth, safetensors and ONNX";

/**
 * Reads the weights for a network from a file of Keras (`.h5`, `.keras`), of torchvision or timm (safetensors, or what
 * `torch.save` makes of a state dict), an ONNX file, or one of ageband's own.
 * @param file name for messages
 * @param onRead is told how many bytes of the weights are read, where that takes long
 * @throws {FormatError} when the file is damaged, of another kind, or does not fit the layers before the head
 */
export async function readPretrained(bytes: Uint8Array, file: string, taker: Taker, onRead?: ByteListener): Promise<TakenWeights> {
  const layers = weightLayouts(taker.network, taker);
  return takeOffers(await offersOf(bytes, file, { ...taker, layers }, onRead), layers, file);
}

async function offersOf(
  bytes: Uint8Array,
  file: string,
  { network, classes, layers }: Taker & { readonly layers: readonly LayerWeights[] },
  onRead?: ByteListener,
): Promise<WeightFile> {
  if (isTorchFile(bytes, file)) return torchOffers(readTorchTensors(bytes, file), layers);
  if (startsWith(bytes, ZIP_SIGNATURE) || startsWith(bytes, HDF5_SIGNATURE)) {
    const wanted = layers.map(({ layer, kind }) => ({ layer, kind }));
    return kerasOffers(await readKerasWeightsSafely(bytes, file, wanted, onRead), layers, file);
  }
  if (isSafetensors(bytes)) return offersOfTensors(readSafetensors(bytes, file, { anyFloats: true }).tensors, layers);
  const model = onnxModel(bytes, file);
  if (model.metadataProps.some(({ key }) => key === NETWORK)) return ownOffers(readOnnxNetwork(bytes, file).weights, layers);
  return onnxOffers(model, network.layers(classes).map(({ description }) => description), layers, file);
}

function offersOfTensors(tensors: ReadonlyMap<string, HostTensor>, layers: readonly LayerWeights[]): WeightFile {
  const isOwn = layers.some(({ weights }) => weights.some(({ name }) => tensors.has(name)));
  return isOwn ? ownOffers(tensors, layers) : torchOffers(tensors, layers);
}

/** The header's length in eight bytes, then the header: JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[6] === 0 && bytes[7] === 0 && bytes[8] === '{'.charCodeAt(0);
}

function onnxModel(bytes: Uint8Array, file: string): ModelProto {
  try {
    return parseOnnx(bytes, file);
  } catch (error) {
    const isPage = textOf(bytes).trimStart().startsWith('<');
    throw new FormatError(file, `is ${isPage ? 'a web page' : 'no file of weights that is known'}`, {
      hint: isPage ? 'Take the address of the file itself.' : `Known are ${KINDS}.`,
      cause: error,
    });
  }
}

/** The first bytes as text. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 256));
}
