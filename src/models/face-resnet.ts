import { heNormal, normal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import {
  averagePoolLayer,
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  globalAveragePoolLayer,
  maxPoolLayer,
  residualLayer,
} from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';

/** A group of blocks with as many channels, the first of which may halve the resolution. */
export interface Stage {
  readonly name: string;
  readonly channels: number;
  readonly halves: boolean;
  /** Blocks after the one that halves. */
  readonly blocks: number;
}

const convolution = { kernel: 3, initialise: heNormal } as const;
const halving = { size: [2, 2], stride: [2, 2], padding: 'valid' } as const;

/** The layers of a residual network for faces, of any widths. */
export function faceResnetLayers(stemChannels: number, stages: readonly Stage[], classes: number): Layer[] {
  return [
    convolutionLayer('stem', { filters: stemChannels, kernel: 7, stride: 2, initialise: heNormal, activation: 'relu' }),
    maxPoolLayer('stem_pool', 3, 2),
    ...stages.flatMap(stageLayers),
    globalAveragePoolLayer('features'),
    dropoutLayer('dropout', 0.2),
    denseLayer('head', { units: classes, initialise: normal(0.01) }),
  ];
}

function stageLayers({ name, channels, halves, blocks }: Stage): Layer[] {
  const block = (blockName: string, halved: boolean): Layer =>
    residualLayer(blockName, {
      main: [
        convolutionLayer(`${blockName}_conv1`, {
          ...{ ...convolution, filters: channels, activation: 'relu' },
          ...(halved ? { stride: 2 } : { padding: 1 }),
        }),
        convolutionLayer(`${blockName}_conv2`, { ...convolution, filters: channels, padding: 1 }),
      ],
      shortcut: halved ? [averagePoolLayer(`${blockName}_pool`, halving)] : [],
      activation: 'relu',
    });
  return [
    ...(halves ? [block(`${name}_down`, true)] : []),
    ...Array.from({ length: blocks }, (_, index) => block(`${name}_${index + 1}`, false)),
  ];
}

/**
 * A residual network with the shape of dlib's network for face recognition (King, "High quality face recognition with
 * deep metric learning", 2017), without its last layer: 29 convolutions, a shortcut that halves by averaging and fills up
 * the channels with zeros, and no normalisation, since its factors are folded into the kernels. 5.6 million parameters;
 * made for aligned faces of about 150 pixels, and worth starting from the weights of that network.
 */
export const faceResnet: NetworkDefinition = {
  name: 'face-resnet',
  layers: (classes) =>
    faceResnetLayers(
      32,
      [
        { name: 'stage1', channels: 32, halves: false, blocks: 3 },
        { name: 'stage2', channels: 64, halves: true, blocks: 3 },
        { name: 'stage3', channels: 128, halves: true, blocks: 2 },
        { name: 'stage4', channels: 256, halves: true, blocks: 2 },
        { name: 'stage5', channels: 256, halves: true, blocks: 0 },
      ],
      classes,
    ),
};
