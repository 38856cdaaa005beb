import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { FormatError, messageOf } from '../base/errors.js';

/**
 * The key-value pairs that an ONNX file carries.
 * @param name for messages
 * @throws {FormatError} when the bytes are no ONNX model
 */
export function readOnnxMetadata(bytes: Uint8Array, name = '<buffer>'): Map<string, string> {
  try {
    const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);
    if (!graph) throw new Error('it holds no graph');
    return new Map(metadataProps.map(({ key, value }) => [key, value]));
  } catch (error) {
    throw new FormatError(name, `is no ONNX model: ${messageOf(error)}`, { cause: error });
  }
}
