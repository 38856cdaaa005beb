import { describe, expect, it } from 'vitest';
import { kerasLayers, layoutsOf, smallPretrained, torchTensors } from '../../../test/support/pretrained.js';
import { FormatError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor, sizeOf } from '../../base/tensor.js';
import type { StoredLayer } from '../keras/read-weights.js';
import { kerasOffers } from './keras.js';
import { takeOffers } from './offers.js';
import { ownOffers, torchOffers } from './tensors.js';

const zeros = (shape: readonly number[]): HostTensor => floatTensor(new Float32Array(sizeOf(shape)), shape);

function takeTorch(name: string, change: (tensors: Map<string, HostTensor>) => void, into = name) {
  const tensors = torchTensors(smallPretrained(name));
  change(tensors);
  const layers = layoutsOf(smallPretrained(into));
  return takeOffers(torchOffers(tensors, layers), layers, 'weights.safetensors');
}

function takeKeras(name: string, change: (layers: StoredLayer[]) => StoredLayer[], into = name) {
  const layers = layoutsOf(smallPretrained(into));
  return takeOffers(kerasOffers(change(kerasLayers(smallPretrained(name))), layers, 'weights.h5'), layers, 'weights.h5');
}

/** The reason and the hint with which weights are refused. */
function refusal(act: () => unknown): { reason: string; hint: string | undefined } {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return { reason: error.reason, hint: error.hint };
    throw error;
  }
  throw new Error('it was not refused');
}

describe('weights of torchvision and timm', () => {
  it('may have a top as timm stores it', () => {
    const { taken } = takeTorch('vgg16-torch', (tensors) => void tensors.set('pre_logits.fc1.weight', zeros([8, 6, 7, 7])));
    expect(taken).toHaveLength(13);
  });

  it.each<[string, (tensors: Map<string, HostTensor>) => void, string]>([
    ['a layer that is missing', (tensors) => void tensors.delete('layer1.0.bn2.running_var'), 'fits only 105 of 106 layers with weights before the head (read as a file of torchvision or timm): there is nothing for "layer1_0_bn2.moving_variance", [2]'],
    ['another shape', (tensors) => void tensors.set('conv1.weight', zeros([8, 3, 7, 7])), 'fits only 105 of 106 layers with weights before the head (read as a file of torchvision or timm): tensor "conv1.weight" has shape [8, 3, 7, 7], "conv1.kernel" needs [4, 3, 7, 7]'],
    // As of ResNet-101, whose other layers fit.
    ['further layers', (tensors) => void tensors.set('layer3.6.conv1.weight', zeros([4, 16, 1, 1])), 'holds the convolution "layer3.6.conv1.weight", which the network does not have'],
    ['other numbers than float32', (tensors) => void tensors.set('bn1.bias', { type: 'int32', data: new Int32Array(4), shape: [4] }), 'fits only 105 of 106 layers with weights before the head (read as a file of torchvision or timm): there is nothing for "bn1.beta", [4]'],
    ['values that are not finite', (tensors) => void tensors.set('bn1.bias', floatTensor([0, NaN, 0, 0], [4])), 'tensor "bn1.bias" holds values that are no finite numbers'],
  ])('are refused with %s', (_, change, reason) => {
    expect(refusal(() => takeTorch('resnet-50-torch', change)).reason).toBe(reason);
  });

  it('are refused for a network of Keras, with the one that they fit', () => {
    expect(refusal(() => takeTorch('vgg16-torch', () => undefined, 'vgg16'))).toEqual({
      reason: 'fits none of the 13 layers with weights before the head (read as a file of torchvision or timm): there is nothing for "block1_conv1.kernel", [4, 3, 3, 3]',
      hint: 'Files of vgg16 and resnet50 of torchvision and timm fit the models vgg16-torch and resnet-50-torch.',
    });
  });
});

describe('weights of Keras', () => {
  it('are refused with further convolutions, as VGG-19 has them', () => {
    const further = { layer: 'block3_conv4', arrays: [{ name: 'block3_conv4_W_1:0', shape: [3, 3, 6, 6] }] };
    expect(refusal(() => takeKeras('vgg16', (layers) => [...layers, further])).reason).toBe(
      'holds the convolution "block3_conv4/block3_conv4_W_1:0", which the network does not have',
    );
  });

  it('are refused with another number of arrays in a layer', () => {
    const short = ({ layer, arrays }: StoredLayer): StoredLayer => ({ layer, arrays: arrays.slice(0, 1) });
    expect(refusal(() => takeKeras('resnet-50', (layers) => layers.map(short))).reason).toBe(
      'layer "conv1_conv" has 1 arrays, the network needs 2',
    );
  });

  it('are refused with another shape, in the order of Keras', () => {
    const wide = (layers: StoredLayer[]): StoredLayer[] => [
      { layer: 'block1_conv1', arrays: [{ name: 'block1_conv1_W_1:0', shape: [3, 3, 3, 64] }, { name: 'block1_conv1_b_1:0', shape: [64] }] },
      ...layers.slice(1),
    ];
    expect(refusal(() => takeKeras('vgg16', wide)).reason).toContain(
      'fits only 12 of 13 layers with weights before the head (read as a file of Keras): tensor "block1_conv1/block1_conv1_W_1:0" has shape [3, 3, 3, 64], "block1_conv1.kernel" needs [3, 3, 3, 4]',
    );
  });

  it('are refused for a network of torchvision, with the one that they fit', () => {
    expect(refusal(() => takeKeras('resnet-50', (layers) => layers, 'resnet-50-torch'))).toMatchObject({
      hint: 'Files of VGG16 and ResNet50 of keras.applications fit the models vgg16 and resnet-50.',
    });
  });
});

it('tensors of ageband itself are taken with the head where it fits', () => {
  const layers = layoutsOf(smallPretrained('vgg16'));
  const tensors = new Map(layers.flatMap(({ weights }) => weights.map(({ name, shape }) => [name, zeros(shape)] as const)));
  expect(takeOffers(ownOffers(tensors, layers), layers, 'own').anew).toEqual([]);
  tensors.set('dense3.bias', zeros([8]));
  const { taken, anew } = takeOffers(ownOffers(tensors, layers), layers, 'own');
  expect([taken.length, anew]).toEqual([15, ['dense3']]);
});
