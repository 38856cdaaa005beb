import { create, toBinary } from '@bufbuild/protobuf';
import type { AttributeProto, NodeProto, TensorProto, ValueInfoProto } from 'onnx-buf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { messageOf, ShapeError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import type { Attribute, Graph, Node, Signature, Value } from './graph.js';
import { liveNodes } from './live-nodes.js';
import { ELEMENT_TYPE_NUMBERS } from './operators/elementwise.js';

/** The version of ONNX's standard operators that all graphs are written for. */
export const OPSET_VERSION = 20;
const IR_VERSION = 10n;

export interface SerialiseOptions {
  /**
   * Name of the leading axis of every input and output, which may then have any length at run time. Right only for
   * graphs whose operators treat pictures independently and whose shapes do not mention the batch.
   */
  readonly batchAxis?: string;
  /** Key-value pairs stored in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The graph as the bytes of an ONNX file; nodes that no output depends on are left out. */
export function serialise(graph: Graph, options: SerialiseOptions = {}): Uint8Array {
  const nodes = liveNodes(graph);
  const used = new Set<Value>(graph.outputs.values());
  for (const node of nodes) for (const input of node.inputs) if (input) used.add(input);
  const constants = [...used].filter((value) => value.constant);

  // An output has the name that its user asked for; where a value cannot be renamed, Identity copies it.
  const renamed = new Map<Value, string>();
  const copies: NodeProto[] = [];
  for (const [name, value] of graph.outputs) {
    if (value.producer && !renamed.has(value)) renamed.set(value, name);
    else copies.push(identity(value.producer ? renamed.get(value)! : value.name, name));
  }
  const nameOf = (value: Value) => renamed.get(value) ?? value.name;

  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'ageband',
    opsetImport: [
      { domain: '', version: BigInt(OPSET_VERSION) },
      { domain: 'com.microsoft', version: 1n },
    ],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'ageband',
      node: [...nodes.map((node) => nodeProto(node, used, nameOf)), ...copies],
      initializer: constants.map((value) => tensorProto(value.name, value.constant!)),
      input: graph.inputs.map((value) => valueInfo(value.name, value, options.batchAxis)),
      output: [...graph.outputs].map(([name, value]) => valueInfo(name, value, options.batchAxis)),
    },
  });
  try {
    return toBinary(ModelProtoSchema, model);
  } catch (error) {
    // A layer may ask for a number that no float32 is, such as a scale of 1e308.
    throw new ShapeError(`the graph cannot be stored: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Outputs at the end that nothing uses are left out. An empty name in their place would not do: ONNX Runtime takes its
 * fast way through MaxPool only where a single output is listed.
 */
function nodeProto(node: Node, used: ReadonlySet<Value>, nameOf: (value: Value) => string): NodeProto {
  const listed = node.outputs.slice(0, node.outputs.findLastIndex((value) => used.has(value)) + 1);
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.operator,
    domain: node.domain,
    input: node.inputs.map((value) => (value ? nameOf(value) : '')),
    output: listed.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  });
}

function identity(from: string, to: string): NodeProto {
  return create(NodeProtoSchema, { name: `copy ${to}`, opType: 'Identity', input: [from], output: [to] });
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map((item) => BigInt(item)) });
}

function tensorProto(name: string, tensor: HostTensor): TensorProto {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return create(TensorProtoSchema, {
    name,
    dataType: ELEMENT_TYPE_NUMBERS[tensor.type],
    dims: tensor.shape.map((length) => BigInt(length)),
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
}

function valueInfo(name: string, signature: Signature, batchAxis: string | undefined): ValueInfoProto {
  const dim = signature.shape.map((length, axis) =>
    axis === 0 && batchAxis !== undefined
      ? { value: { case: 'dimParam' as const, value: batchAxis } }
      : { value: { case: 'dimValue' as const, value: BigInt(length) } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: ELEMENT_TYPE_NUMBERS[signature.type], shape: { dim } } } },
  });
}
