/** The networks and weights of test/reference/pretrained.py: small ones, whose weights come from a formula of their names. */
import { gunzipSync } from 'node:zlib';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor, sizeOf } from '../../src/base/tensor.js';
import type { StoredLayer } from '../../src/formats/keras/read-weights.js';
import type { LayerWeights } from '../../src/formats/keras/weights.js';
import { weightLayouts } from '../../src/formats/keras/weights.js';
import type { Origin } from '../../src/models/preprocessing.js';
import { resnet50Layers } from '../../src/models/resnet-50.js';
import { vgg16Layers } from '../../src/models/vgg16.js';
import type { NetworkDefinition } from '../../src/nn/network.js';
import { referenceBytes } from './reference.js';

export const SIZES = { batch: 2, imageSize: 64, classes: 3 } as const;

const UNITS = [6, 5] as const;
const VGG = { channels: [4, 4, 6, 6, 6], units: UNITS } as const;
const RESNET = { stem: 4, channels: [2, 2, 4, 4], units: UNITS } as const;

/** The small network of a name, such as `vgg16-torch`. */
export function smallPretrained(name: string): NetworkDefinition {
  const origin: Origin = name.endsWith('-torch') ? 'torch' : 'keras';
  return {
    name,
    layers: (classes) => (name.startsWith('vgg16') ? vgg16Layers(origin, VGG, classes) : resnet50Layers(origin, RESNET, classes)),
  };
}

/** Its layers with parameters. */
export function layoutsOf(network: NetworkDefinition): LayerWeights[] {
  return weightLayouts(network, SIZES);
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  ...{ bias: [-0.2, 0.2], beta: [-0.2, 0.2], gamma: [0.5, 1.5] },
  ...{ moving_mean: [-0.2, 0.2], moving_variance: [0.5, 1.5], pictures: [0, 1] },
};

/** The numbers that pretrained.py draws under a name. @param fanIn of kernels */
export function drawn(name: string, shape: readonly number[], role: string, fanIn = 0): HostTensor<'float32'> {
  let start = 0x811c9dc5;
  for (const character of name) start = Math.imul(start ^ character.codePointAt(0)!, 0x01000193);
  const reach = Math.sqrt(6 / fanIn);
  const [low, high] = role === 'kernel' ? [-reach, reach] : RANGES[role]!;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    let x = (Math.imul(index, 0x9e3779b9) + start) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
    x = (x ^ (x >>> 16)) >>> 0;
    return low + (high - low) * ((x >>> 8) / 2 ** 24);
  });
  return floatTensor(values, shape);
}

/** The weights of the head, which no file holds, and the pictures. */
export function headOf(network: NetworkDefinition): Map<string, HostTensor<'float32'>> {
  const head = layoutsOf(network).filter(({ kind }) => kind === 'Dense');
  return new Map(head.flatMap(({ weights }) => weights.map(({ name, shape }) => [name, drawn(name, shape, name.split('.')[1]!, shape[0])] as const)));
}

export function picturesOfReference(): HostTensor<'float32'> {
  return drawn('pictures', [SIZES.batch, 3, SIZES.imageSize, SIZES.imageSize], 'pictures');
}

/** The layers before the head as a file of Keras holds them: `conv1_conv/kernel:0`. */
export function kerasLayers(network: NetworkDefinition): StoredLayer[] {
  return layoutsOf(network)
    .filter(({ kind }) => kind !== 'Dense')
    .map(({ layer, weights }) => ({
      layer,
      arrays: weights.map(({ name, kerasShape }) => {
        const role = name.split('.')[1]!;
        const { data } = drawn(`${layer}/${role}`, kerasShape, role, sizeOf(kerasShape.slice(0, 3)));
        return { name: `${layer}/${role}:0`, shape: kerasShape, values: data };
      }),
    }));
}

const TORCH_ROLES: Readonly<Record<string, string>> = {
  ...{ kernel: 'weight', bias: 'bias', gamma: 'weight', beta: 'bias' },
  ...{ moving_mean: 'running_mean', moving_variance: 'running_var' },
};

/** The same as tensors of torchvision, with the counters and the top that its files hold. */
export function torchTensors(network: NetworkDefinition): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>();
  for (const { layer, kind, weights } of layoutsOf(network)) {
    if (kind === 'Dense') continue;
    const path = layer.replaceAll('_', '.');
    for (const { name, shape } of weights) {
      const role = name.split('.')[1]!;
      const stored = `${path}.${TORCH_ROLES[role]!}`;
      tensors.set(stored, drawn(stored, shape, role, sizeOf(shape.slice(1))));
    }
    if (kind === 'BatchNormalization') tensors.set(`${path}.num_batches_tracked`, { type: 'int64', data: BigInt64Array.of(7n), shape: [] });
  }
  tensors.set('fc.weight', drawn('fc.weight', [7, 16], 'kernel', 16)).set('fc.bias', drawn('fc.bias', [7], 'bias'));
  return tensors;
}

/** A compressed file of test/reference. */
export function unpacked(name: string): Uint8Array {
  return new Uint8Array(gunzipSync(referenceBytes(name)));
}
