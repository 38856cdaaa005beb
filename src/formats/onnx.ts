import { fromBinary } from '@bufbuild/protobuf';
import type { ModelProto, TensorProto } from 'onnx-buf';
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import { FormatError, messageOf } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, shapeText, sizeOf } from '../base/tensor.js';

/** Types of initialisers as numbers: the field may hold any. */
const FLOAT: number = TensorProto_DataType.FLOAT;
export const UINT8: number = TensorProto_DataType.UINT8;

/**
 * What an ONNX file holds.
 * @param name for messages
 * @throws {FormatError} when the bytes are no ONNX model
 */
export function parseOnnx(bytes: Uint8Array, name = '<buffer>'): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (!model.graph) throw new Error('it holds no graph');
    return model;
  } catch (error) {
    throw new FormatError(name, `is no ONNX model: ${messageOf(error)}`, { cause: error });
  }
}

/** The key-value pairs that an ONNX file carries. @throws {FormatError} as {@link parseOnnx} */
export function readOnnxMetadata(bytes: Uint8Array, name?: string): Map<string, string> {
  return new Map(parseOnnx(bytes, name).metadataProps.map(({ key, value }) => [key, value]));
}

/** The numbers of an initialiser. @throws {FormatError} when they are no float32, stand elsewhere, or do not fill its shape */
export function readInitialiser(tensor: TensorProto, file: string): HostTensor<'float32'> {
  const { name, dataType, rawData, floatData } = tensor;
  if (dataType !== FLOAT) throw new FormatError(file, `initialiser "${name}" does not hold numbers of the type float32`);
  // A copy, since numbers must start at a multiple of four bytes.
  const copy = new Uint8Array(rawData.subarray(0, rawData.length - (rawData.length % 4)));
  const data = rawData.length > 0 ? new Float32Array(copy.buffer) : Float32Array.from(floatData);
  return floatTensor(data, checkedShape(tensor, data.length, file));
}

/** The bytes of an initialiser of the type uint8. @throws {FormatError} as {@link readInitialiser} */
export function readInitialiserBytes(tensor: TensorProto, file: string): HostTensor<'uint8'> {
  return { type: 'uint8', data: tensor.rawData, shape: checkedShape(tensor, tensor.rawData.length, file) };
}

/** The shape of a tensor that holds so many numbers. */
function checkedShape({ name, dims, dataLocation }: TensorProto, length: number, file: string): number[] {
  if (dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new FormatError(file, `initialiser "${name}" is kept in another file, which is not read`);
  }
  const shape = dims.map(Number);
  const size = sizeOf(shape);
  if (length === size) return shape;
  throw new FormatError(file, `initialiser "${name}" of shape ${shapeText(shape)} holds ${length} numbers, not ${size}`);
}
