import type { GraphProto, NodeProto, TensorProto } from 'onnx-buf';
import { FormatError } from '../../base/errors.js';
import type { Pair } from '../../nn/padding.js';

/** A convolution of an ONNX graph, with what belongs to it. */
export interface StoredConvolution {
  /** Name of its node, or of its output where it has none. */
  readonly name: string;
  /** Name of the value that it takes. */
  readonly input: string;
  /** [O, I, kH, kW] */
  readonly kernel: TensorProto;
  readonly bias: TensorProto | undefined;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  /** The batch normalisation of its output, if there is one. */
  readonly normalisation: StoredNormalisation | undefined;
}

export interface StoredNormalisation {
  readonly gamma: TensorProto;
  readonly beta: TensorProto;
  readonly mean: TensorProto;
  readonly variance: TensorProto;
  readonly epsilon: number;
}

/** ONNX's default. */
const EPSILON = 1e-5;

/**
 * The convolutions of a graph in the order of its nodes, which ONNX wants to be one in which they can be computed. A bias may
 * be a summand after the convolution, as TensorFlow writes it.
 * @throws {FormatError} when a kernel or what belongs to it is not stored in the file
 */
export function convolutionsOf(graph: GraphProto, file: string): StoredConvolution[] {
  const initialisers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  // PyTorch stores equal tensors once, and hands them on by Identity; others store half the bytes, and cast them.
  const copies = new Map(graph.node.filter(({ opType }) => opType === 'Identity' || opType === 'Cast').map(({ input, output }) => [output[0]!, input[0]!]));
  const origin = (name: string): string => (copies.has(name) && !initialisers.has(name) ? copies.get(name)! : name);
  const stored = (name: string | undefined): TensorProto | undefined => (name === undefined || name === '' ? undefined : initialisers.get(origin(name)));
  const require = (node: NodeProto, place: number, what: string): TensorProto => {
    const tensor = stored(node.input[place]);
    if (tensor === undefined) throw new FormatError(file, `${what} of node "${nameOf(node)}" (${node.opType}) is not stored in it`);
    return tensor;
  };
  const consumers = new Map<string, NodeProto[]>();
  for (const node of graph.node) for (const input of node.input) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  const onlyConsumer = (value: string, opType: string): NodeProto | undefined => {
    const [node, ...others] = consumers.get(value) ?? [];
    return others.length === 0 && node?.opType === opType ? node : undefined;
  };

  return graph.node
    .filter(({ opType }) => opType === 'Conv')
    .map((node) => {
      const kernel = require(node, 1, 'the kernel');
      const sum = onlyConsumer(node.output[0]!, 'Add');
      const summand = sum && sum.input.map(stored).find((tensor) => tensor !== undefined && lengthOf(tensor) === Number(kernel.dims[0]));
      const norm = onlyConsumer((summand ? sum : node).output[0]!, 'BatchNormalization');
      return {
        ...{ name: nameOf(node), input: origin(node.input[0] ?? ''), kernel },
        bias: node.input[2] ? require(node, 2, 'the bias') : summand,
        ...{ stride: pairAttribute(node, 'strides'), dilation: pairAttribute(node, 'dilations') },
        groups: Number(node.attribute.find(({ name }) => name === 'group')?.i ?? 1),
        normalisation: norm && {
          ...{ gamma: require(norm, 1, 'gamma'), beta: require(norm, 2, 'beta') },
          ...{ mean: require(norm, 3, 'the mean'), variance: require(norm, 4, 'the variance') },
          epsilon: norm.attribute.find(({ name }) => name === 'epsilon')?.f ?? EPSILON,
        },
      };
    });
}

function nameOf({ name, output }: NodeProto): string {
  return name === '' ? (output[0] ?? '') : name;
}

function lengthOf({ dims }: TensorProto): number {
  return dims.reduce((product, length) => product * Number(length), 1);
}

function pairAttribute(node: NodeProto, name: string): Pair {
  const values = node.attribute.find((attribute) => attribute.name === name)?.ints ?? [];
  return [Number(values[0] ?? 1), Number(values[1] ?? 1)];
}
