import { fromBinary } from '@bufbuild/protobuf';
import type { ModelProto } from 'onnx-buf';
import { ModelProtoSchema } from 'onnx-buf';
import { FormatError, messageOf } from '../base/errors.js';

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
