/** Whether half precision pays on a device, and what it costs: what ONNX Runtime's kernels make of float16. */
import { create, toBinary } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, AttributeProtoSchema, ModelProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { messageOf } from '../../src/base/errors.js';
import { sizeOf } from '../../src/base/tensor.js';
import type { Device } from '../../src/runtime/device.js';
import { median } from '../contenders.js';

/** ONNX's numbers for the element types. */
const TYPES = { float32: 1, float16: 10 } as const;
type Precision = keyof typeof TYPES;

/** Of all numbers that are multiplied, so that each sum is a hundredth of the number of its terms. */
const FACTOR = 0.1;

interface Product {
  readonly title: string;
  readonly operator: 'MatMul' | 'Conv';
  readonly shapes: readonly [a: number[], b: number[], y: number[]];
  /** Number of terms in each sum. */
  readonly terms: number;
}

/** Sums as long as those of the report's network: of its convolutions, and of the gradients of their kernels at batch 50. */
const PRODUCTS: readonly Product[] = [
  { title: 'convolution 5×5 of 96 channels', operator: 'Conv', shapes: [[4, 96, 57, 57], [256, 96, 5, 5], [4, 256, 53, 53]], terms: 2400 },
  { title: 'convolution 3×3 of 512 channels', operator: 'Conv', shapes: [[4, 512, 16, 16], [512, 512, 3, 3], [4, 512, 14, 14]], terms: 4608 },
  { title: 'gradient of a kernel, all positions', operator: 'MatMul', shapes: [[96, 100_000], [100_000, 96], [96, 96]], terms: 100_000 },
];

/** Prints, for each product, its sums and milliseconds in both precisions; the sums of float16 should differ in the fourth digit at most. */
export async function compareHalfPrecision(device: Device, rounds: number): Promise<void> {
  console.log(`\n${`products of half precision, ${device}`.padEnd(38)} should be   float32   float16    float32    float16`);
  for (const product of PRODUCTS) {
    try {
      const [single, half] = [await open(product, device, 'float32'), await open(product, device, 'float16')];
      for (let round = 0; round <= rounds; round++) for (const run of [single, half]) await run.once();
      const sums = [product.terms * FACTOR ** 2, single.sum(), half.sum()].map((sum) => sum.toFixed(2).padStart(10)).join('');
      const times = [single, half].map(({ times: all }) => `${median(all.slice(1)).toFixed(1).padStart(8)} ms`).join('');
      console.log(`  ${product.title.padEnd(36)}${sums}${times}`);
      for (const { close } of [single, half]) await close();
    } catch (error) {
      console.log(`  ${product.title}: not measured: ${messageOf(error).trim()}`);
    }
  }
}

async function open(product: Product, device: Device, precision: Precision) {
  const session = await InferenceSession.create(model(product, precision), { executionProviders: [device], logSeverityLevel: 4 });
  const [a, b] = product.shapes.map((shape) => new Tensor('float32', new Float32Array(sizeOf(shape)).fill(FACTOR), shape));
  const times: number[] = [];
  let sum = NaN;
  const once = async (): Promise<void> => {
    const start = performance.now();
    const { y } = await session.run({ a: a!, b: b! });
    times.push(performance.now() - start);
    sum = (y!.data as Float32Array)[0]!;
  };
  return { once, times, sum: () => sum, close: () => session.release() };
}

/** A product whose factors are float32 to begin with, as parameters are, and are cast for it. */
function model({ operator, shapes }: Product, precision: Precision): Uint8Array {
  const cast = (from: string, to: string, type: Precision) => {
    const attribute = create(AttributeProtoSchema, { name: 'to', type: AttributeProto_AttributeType.INT, i: BigInt(TYPES[type]) });
    return create(NodeProtoSchema, { name: `cast ${to}`, opType: 'Cast', input: [from], output: [to], attribute: [attribute] });
  };
  const info = (name: string, shape: readonly number[]) => {
    const dim = shape.map((length) => ({ value: { case: 'dimValue' as const, value: BigInt(length) } }));
    return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType: TYPES.float32, shape: { dim } } } } });
  };
  const product = (inputs: string[], output: string) => create(NodeProtoSchema, { name: operator, opType: operator, input: inputs, output: [output] });
  const nodes =
    precision === 'float32'
      ? [product(['a', 'b'], 'y')]
      : [cast('a', 'a16', precision), cast('b', 'b16', precision), product(['a16', 'b16'], 'y16'), cast('y16', 'y', 'float32')];
  const [a, b, y] = shapes;
  const graph = { name: operator, node: nodes, input: [info('a', a), info('b', b)], output: [info('y', y)] };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 10n, opsetImport: [{ domain: '', version: 20n }], graph }));
}
