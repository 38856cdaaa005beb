import { floatTensor } from '../src/base/tensor.js';
import { Graph } from '../src/graph/graph.js';
import { matrixProduct, reduceMax } from '../src/graph/operators/index.js';
import { serialise } from '../src/graph/serialise.js';
import { getModel } from '../src/models/registry.js';
import { sgd } from '../src/nn/optimisers.js';
import type { Device } from '../src/runtime/device.js';
import { Session } from '../src/runtime/session.node.js';
import { TrainingEngine } from '../src/training/engine.js';
import { inferenceModel } from '../src/training/inference-model.js';

export const CLASSES = Array.from({ length: 8 }, (_, index) => `class ${index}`);

/** Runs something once. */
export type Step = () => Promise<unknown>;

export interface Load {
  /** Height and width of the pictures. */
  readonly size: number;
  readonly batch: number;
  readonly threads: number;
  /** What computes; the processor by default. */
  readonly device?: Device;
}

export function openEngine({ size, threads, device = 'cpu' }: Load): TrainingEngine {
  const optimiser = sgd({ momentum: 0, nesterov: false });
  const network = getModel('baseline');
  return new TrainingEngine({ network, imageSize: size, classes: CLASSES.length, optimiser, seed: 1, threads, device });
}

/** A training step of the report's network on random pictures. */
export function trainingStep(engine: TrainingEngine, { size, batch }: Load): Step {
  const images = randomArray(batch * 3 * size * size);
  const targets = new Float32Array(batch * CLASSES.length);
  for (let row = 0; row < batch; row++) targets[row * CLASSES.length + (row % CLASSES.length)] = 1;
  const weights = new Float32Array(batch).fill(1);
  let step = 0;
  return () => engine.step({ images, targets, weights, step: step++, learningRate: 0.001 });
}

/** A run of the exported model of the report's network on random pictures. */
export async function inferenceStep(engine: TrainingEngine, { size, batch, threads }: Load): Promise<Step> {
  const options = { network: getModel('baseline'), weights: engine.parameters, imageSize: size, classes: CLASSES };
  const session = await Session.create(inferenceModel(options), { threads });
  const images = floatTensor(randomArray(batch * 3 * size * size), [batch, 3, size, size]);
  return () => session.run({ images });
}

/** Rows and columns of the matrices whose product is the yardstick. */
const MATRIX = 3072;
export const PRODUCT_FLOP = 2 * MATRIX ** 3;

/** The product of two large square matrices in ONNX Runtime. */
export async function productStep(threads: number): Promise<Step> {
  const graph = new Graph();
  const shape = [MATRIX, MATRIX];
  const product = matrixProduct(graph.input('a', 'float32', shape), graph.input('b', 'float32', shape));
  // Only the largest element leaves the runtime, so that no time goes into copying the product.
  graph.output('largest', reduceMax(product));
  const session = await Session.create(serialise(graph), { threads });
  const [a, b] = [floatTensor(randomArray(MATRIX ** 2), shape), floatTensor(randomArray(MATRIX ** 2), shape)];
  return () => session.run({ a, b });
}

/**
 * Floating point operations of the convolutions and matrix products for one picture: two per multiply-add, counted over
 * the positions that the forward pass has.
 */
export function flopPerPicture(size: number): { training: number; inference: number } {
  const conv = (outputs: number, inputs: number, kernel: number, side: number) => 2 * outputs * inputs * kernel ** 2 * side ** 2;
  const side1 = size - 6;
  const side2 = Math.floor((side1 - 3) / 2) + 1 - 4;
  const side3 = Math.floor((side2 - 3) / 2) + 1 - 2;
  const pooled = Math.floor((side3 - 3) / 3) + 1;
  const first = conv(96, 3, 7, side1);
  const others =
    conv(256, 96, 5, side2) + conv(384, 256, 3, side3) + 2 * (384 * pooled ** 2 * 512 + 512 * 256 + 256 * CLASSES.length);
  // The first layer needs no gradient of its input.
  return { inference: first + others, training: 2 * first + 3 * others };
}

function randomArray(length: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = Math.random();
  return values;
}
