/** dlib's network for face recognition, from the package `@vladmandic/face-api`, as weights for `face-resnet`. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor, sizeOf } from '../../src/base/tensor.js';

const MODELS = join(dirname(dirname(fileURLToPath(import.meta.resolve('@vladmandic/face-api')))), 'model');
const MODEL = 'face_recognition_model';

/** That network's pictures are RGB, less these levels, divided by 255. */
const MEAN_LEVELS = [122.782, 117.001, 104.298];

/** Its names of the blocks, and ours. */
const BLOCKS: Readonly<Record<string, string>> = {
  ...{ conv32_1: 'stage1_1', conv32_2: 'stage1_2', conv32_3: 'stage1_3' },
  ...{ conv64_down: 'stage2_down', conv64_1: 'stage2_1', conv64_2: 'stage2_2', conv64_3: 'stage2_3' },
  ...{ conv128_down: 'stage3_down', conv128_1: 'stage3_1', conv128_2: 'stage3_2' },
  ...{ conv256_down: 'stage4_down', conv256_1: 'stage4_1', conv256_2: 'stage4_2', conv256_down_out: 'stage5_down' },
};

const manifestSchema = z.tuple([
  z.object({
    weights: z.array(
      z.object({
        ...{ name: z.string(), shape: z.array(z.int().positive()) },
        quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }).optional(),
      }),
    ),
  }),
]);

/** All tensors of the network by its names. */
async function readWeights(): Promise<Map<string, Float32Array>> {
  const manifest: unknown = JSON.parse(await readFile(join(MODELS, `${MODEL}-weights_manifest.json`), 'utf8'));
  const bytes = await readFile(join(MODELS, `${MODEL}.bin`));
  const tensors = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape, quantization } of manifestSchema.parse(manifest)[0].weights) {
    const count = sizeOf(shape);
    const width = quantization === undefined ? 4 : 1;
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, count * width);
    offset += count * width;
    const value = (index: number): number =>
      quantization === undefined
        ? view.getFloat32(4 * index, true)
        : view.getUint8(index) * quantization.scale + quantization.min;
    tensors.set(name, Float32Array.from({ length: count }, (_, index) => value(index)));
  }
  return tensors;
}

/**
 * A convolution with the factors and summands of the channels after it folded in.
 * @param size kernel height and width
 * @returns kernel [O, I, size, size] and bias [O]
 */
function folded(tensors: ReadonlyMap<string, Float32Array>, name: string, size: number) {
  const get = (part: string): Float32Array => tensors.get(`${name}/${part}`)!;
  const [kernel, bias, factors, summands] = ['conv/filters', 'conv/bias', 'scale/weights', 'scale/biases'].map(get) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const outputs = bias.length;
  const inputs = kernel.length / (size * size * outputs);
  const turned = new Float32Array(kernel.length);
  // From [size, size, I, O] to [O, I, size, size].
  for (let place = 0; place < size * size; place++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        const from = (place * inputs + input) * outputs + output;
        turned[(output * inputs + input) * size * size + place] = kernel[from]! * factors[output]!;
      }
    }
  }
  return {
    kernel: floatTensor(turned, [outputs, inputs, size, size]),
    bias: floatTensor(bias.map((value, output) => value * factors[output]! + summands[output]!), [outputs]),
  };
}

/** Takes the mean levels, which are subtracted from the pictures there, into the bias: there is no padding. */
function withoutMean({ kernel, bias }: ReturnType<typeof folded>): ReturnType<typeof folded> {
  const perChannel = kernel.shape[2]! * kernel.shape[3]!;
  const shifted = bias.data.map((value, output) => {
    const own = kernel.data.subarray(output * 3 * perChannel, (output + 1) * 3 * perChannel);
    return own.reduce((sum, weight, index) => sum - (weight * MEAN_LEVELS[Math.floor(index / perChannel)]!) / 255, value);
  });
  return { kernel, bias: floatTensor(shifted, bias.shape) };
}

/** The weights by the names of `face-resnet`; its layer `head` is not among them. */
export async function faceRecognitionWeights(): Promise<Map<string, HostTensor>> {
  const tensors = await readWeights();
  const weights = new Map<string, HostTensor>();
  const add = (layer: string, { kernel, bias }: ReturnType<typeof folded>): void => {
    weights.set(`${layer}.kernel`, kernel);
    weights.set(`${layer}.bias`, bias);
  };
  add('stem', withoutMean(folded(tensors, 'conv32_down', 7)));
  for (const [theirs, ours] of Object.entries(BLOCKS)) {
    for (const part of ['conv1', 'conv2']) add(`${ours}_${part}`, folded(tensors, `${theirs}/${part}`, 3));
  }
  return weights;
}
