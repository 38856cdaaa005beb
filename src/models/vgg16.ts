import { heNormal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import { convolutionLayer, flattenLayer, maxPoolLayer } from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import type { Origin } from './preprocessing.js';
import { preprocessing } from './preprocessing.js';
import { reportHead } from './report-head.js';

/** Numbers of channels of the five blocks, and of units of the hidden dense layers. */
export interface Vgg16Widths {
  readonly channels: readonly [number, number, number, number, number];
  readonly units: readonly [number, number];
}

const CONVOLUTIONS = [2, 2, 3, 3, 3] as const;
const convolution = { kernel: 3, padding: 1, initialise: heNormal, activation: 'relu' } as const;

/** The layers of VGG-16 with the report's head, of any widths. */
export function vgg16Layers(origin: Origin, { channels, units }: Vgg16Widths, classes: number): Layer[] {
  // torchvision counts convolutions, activations and poolings.
  let place = 0;
  const blocks = CONVOLUTIONS.flatMap((count, block) => {
    const convolutions = Array.from({ length: count }, (_, index) => {
      const name = origin === 'keras' ? `block${block + 1}_conv${index + 1}` : `features_${place}`;
      place += 2;
      return convolutionLayer(name, { ...convolution, filters: channels[block]! });
    });
    const pool = maxPoolLayer(origin === 'keras' ? `block${block + 1}_pool` : `features_${place}`, 2, 2);
    place += 1;
    return [...convolutions, pool];
  });
  return [preprocessing(origin), ...blocks, flattenLayer('flatten'), ...reportHead(units, classes)];
}

const FULL: Vgg16Widths = { channels: [64, 128, 256, 512, 512], units: [512, 256] };

/**
 * VGG-16 (Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015) as in
 * `keras.applications`, from the preprocessing to `block5_pool`, under Keras's names of layers. What `include_top=False`
 * leaves, maps [N, 512, H/32, W/32], is flattened as in Keras's own top, and the report's head follows.
 */
export const vgg16: NetworkDefinition = { name: 'vgg16', layers: (classes) => vgg16Layers('keras', FULL, classes) };

/** The same for the weights of torchvision and timm: their preprocessing, and their names with `_` for `.`. */
export const vgg16Torch: NetworkDefinition = { name: 'vgg16-torch', layers: (classes) => vgg16Layers('torch', FULL, classes) };
