import { fromBinary } from '@bufbuild/protobuf';
import type { ModelProto, TensorProto } from 'onnx-buf';
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import { FormatError, messageOf } from '../base/errors.js';
import type { FloatType } from '../base/floats.js';
import { FLOAT_BYTES, float32Of } from '../base/floats.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor, shapeText, sizeOf } from '../base/tensor.js';

/** Types of initialisers as numbers: the field may hold any. */
const FLOATS: ReadonlyMap<number, FloatType> = new Map<number, FloatType>([
  [TensorProto_DataType.FLOAT, 'float32'],
  [TensorProto_DataType.FLOAT16, 'float16'],
  [TensorProto_DataType.BFLOAT16, 'bfloat16'],
  [TensorProto_DataType.DOUBLE, 'float64'],
]);
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

/**
 * The numbers of an initialiser, of whatever width, as float32.
 * @throws {FormatError} when they are no such numbers, stand elsewhere, or do not fill its shape
 */
export function readInitialiser(tensor: TensorProto, file: string): HostTensor<'float32'> {
  const type = FLOATS.get(tensor.dataType);
  if (type === undefined) throw new FormatError(file, `initialiser "${tensor.name}" does not hold numbers of the type float32, float16, bfloat16 or float64`);
  const data = numbersOf(tensor, type);
  return floatTensor(data, checkedShape(tensor, data.length, file));
}

function numbersOf({ rawData, floatData, doubleData, int32Data }: TensorProto, type: FloatType): Float32Array {
  if (rawData.length > 0) return float32Of(rawData.subarray(0, rawData.length - (rawData.length % FLOAT_BYTES[type])), type);
  if (type === 'float32') return Float32Array.from(floatData);
  if (type === 'float64') return Float32Array.from(doubleData);
  return float32Of(new Uint8Array(Uint16Array.from(int32Data).buffer), type);
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
