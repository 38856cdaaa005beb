/** Reads a TensorFlow.js graph model: `NAME.json` with the nodes and the places of the weights, `NAME.bin` with these. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FormatError } from '../../src/base/errors.js';
import { float32Of } from '../../src/base/floats.js';
import { sizeOf } from '../../src/base/tensor.js';
import type { HostTensor } from '../../src/base/tensor.js';

const attributeSchema = z.object({
  s: z.string().optional(),
  list: z.object({ i: z.array(z.coerce.number()).optional(), s: z.array(z.string()).optional() }).optional(),
});
const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema).default({}),
});
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  quantization: z.object({ dtype: z.literal('float16') }).optional(),
});
const modelSchema = z.object({
  modelTopology: z.object({ node: z.array(nodeSchema) }),
  weightsManifest: z.tuple([z.object({ weights: z.array(weightSchema) })]),
});

/** One operation of the model; control and output numbers of its inputs are gone. */
export type TensorflowNode = z.infer<typeof nodeSchema>;

export interface TensorflowModel {
  /** In an order in which each node follows its inputs. */
  readonly nodes: readonly TensorflowNode[];
  readonly weights: ReadonlyMap<string, HostTensor>;
}

/** @param path of the model without `.json` */
export async function readTensorflowModel(path: string): Promise<TensorflowModel> {
  const { modelTopology, weightsManifest } = modelSchema.parse(JSON.parse(await readFile(`${path}.json`, 'utf8')));
  const bytes = await readFile(`${path}.bin`);
  const weights = new Map<string, HostTensor>();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of weightsManifest[0].weights) {
    const count = sizeOf(shape);
    const width = quantization === undefined ? 4 : 2;
    const stored = bytes.subarray(offset, offset + count * width);
    offset += count * width;
    weights.set(
      name,
      dtype === 'int32'
        ? { type: 'int32', data: new Int32Array(Uint8Array.from(stored).buffer), shape }
        : { type: 'float32', data: float32Of(stored, width === 2 ? 'float16' : 'float32'), shape },
    );
  }
  if (offset !== bytes.byteLength) {
    throw new FormatError(`${path}.bin`, `the weights take ${offset} bytes, the file has ${bytes.byteLength}`);
  }
  return { nodes: sorted(modelTopology.node), weights };
}

function sorted(nodes: readonly TensorflowNode[]): TensorflowNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const order = new Set<TensorflowNode>();
  const visit = (node: TensorflowNode): void => {
    if (order.has(node)) return;
    for (const input of node.input) visit(byName.get(input)!);
    order.add(node);
  };
  nodes.forEach(visit);
  return [...order];
}
