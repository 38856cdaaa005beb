import { describe, expect, it } from 'vitest';
import type { LayerDescription } from '../nn/description.js';
import type { NetworkDefinition } from '../nn/network.js';
import { resnet50, resnet50Torch } from './resnet-50.js';
import { summarise } from './summary.js';
import { vgg16, vgg16Torch } from './vgg16.js';

/** Every layer, those of residual blocks after each other. */
function layersOf(network: NetworkDefinition): LayerDescription[] {
  return network
    .layers(8)
    .flatMap(({ description }) => (description.kind === 'Residual' ? [...description.main, ...description.shortcut] : [description]));
}

function layerOf(network: NetworkDefinition, name: string): LayerDescription | undefined {
  return layersOf(network).find((layer) => layer.name === name);
}

describe.each<[NetworkDefinition, backbone: number, statistics: number, features: (number | null)[]]>([
  // The counts that Keras's `summary` and torchvision print, without the top.
  [vgg16, 14_714_688, 0, [null, 25_088]],
  [vgg16Torch, 14_714_688, 0, [null, 25_088]],
  [resnet50, 23_587_712, 53_120, [null, 2048]],
  [resnet50Torch, 23_508_032 + 53_120, 53_120, [null, 2048]],
])('$name', (network, backbone, statistics, features) => {
  it('has the parameters of the original and the head of the report', () => {
    const { rows, parameters, nonTrainable } = summarise(network, { imageSize: 224, classes: 8 });
    const head = rows.findIndex(({ name }) => name === 'dense1');
    expect(rows[head - 1]!.outputShape).toEqual(features);
    const inputs = features[1]!;
    expect(parameters - backbone).toBe((inputs + 1) * 512 + 513 * 256 + 257 * 8);
    expect(nonTrainable).toBe(statistics);
    expect(rows.slice(head).map(({ name }) => name)).toEqual(['dense1', 'dropout1', 'dense2', 'dropout2', 'dense3']);
  });
});

describe('ResNet-50', () => {
  it('normalises as Keras, halves in the first convolution of a block and has biases', () => {
    expect(layerOf(resnet50, 'conv3_block1_1_bn')).toMatchObject({ epsilon: 1.001e-5, momentum: 0.99, scale: true, centre: true });
    expect(layerOf(resnet50, 'conv3_block1_1_conv')).toMatchObject({ stride: [2, 2], bias: true });
    expect(layerOf(resnet50, 'conv3_block1_2_conv')).toMatchObject({ stride: [1, 1], padding: [1, 1, 1, 1] });
    expect(layerOf(resnet50, 'conv3_block1_0_conv')).toMatchObject({ kernel: [1, 1], stride: [2, 2] });
    expect(layerOf(resnet50, 'conv2_block1_0_conv')).toMatchObject({ stride: [1, 1] });
    expect(layerOf(resnet50, 'conv1_pad')).toMatchObject({ padding: [3, 3, 3, 3] });
    expect(layerOf(resnet50, 'pool1_pad')).toMatchObject({ padding: [1, 1, 1, 1] });
  });

  it('for torchvision halves in the second, without biases', () => {
    expect(layerOf(resnet50Torch, 'layer2_0_bn1')).toMatchObject({ epsilon: 1e-5, momentum: 0.9 });
    expect(layerOf(resnet50Torch, 'layer2_0_conv1')).toMatchObject({ stride: [1, 1], bias: false });
    expect(layerOf(resnet50Torch, 'layer2_0_conv2')).toMatchObject({ stride: [2, 2] });
    expect(layerOf(resnet50Torch, 'layer2_0_downsample_0')).toMatchObject({ stride: [2, 2] });
  });
});

it('convolutions of VGG-16 are named as in the files of both', () => {
  const names = (network: NetworkDefinition) => layersOf(network).flatMap(({ kind, name }) => (kind === 'Conv2D' ? [name] : []));
  expect(names(vgg16).slice(0, 5)).toEqual(['block1_conv1', 'block1_conv2', 'block2_conv1', 'block2_conv2', 'block3_conv1']);
  expect(names(vgg16Torch)).toEqual([0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28].map((place) => `features_${place}`));
});
