import type { LocalResponseNormOptions } from '../graph/operators/index.js';
import { normal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import {
  convolutionLayer,
  denseLayer,
  dropoutLayer,
  flattenLayer,
  localResponseNormLayer,
  maxPoolLayer,
} from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import type { Widths } from './baseline.js';

const convolutionStart = normal(0.01);
const denseStart = normal(0.005);
const neighbours = { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 };

/** The layers of Levi & Hassner's network, of any widths and any local response normalisation. */
export function leviHassnerLayers(
  { filters, units }: Widths,
  normalisation: LocalResponseNormOptions,
  classes: number,
): Layer[] {
  const convolution = { initialise: convolutionStart, activation: 'relu' } as const;
  const dense = { initialise: denseStart, initialBias: 1, activation: 'relu' } as const;
  return [
    convolutionLayer('conv1', { filters: filters[0], kernel: 7, stride: 4, ...convolution }),
    maxPoolLayer('pool1', 3, 2),
    localResponseNormLayer('norm1', normalisation),
    convolutionLayer('conv2', { filters: filters[1], kernel: 5, padding: 2, initialBias: 1, ...convolution }),
    maxPoolLayer('pool2', 3, 2),
    localResponseNormLayer('norm2', normalisation),
    convolutionLayer('conv3', { filters: filters[2], kernel: 3, padding: 1, ...convolution }),
    maxPoolLayer('pool3', 3, 2),
    flattenLayer('flatten'),
    denseLayer('dense1', { units: units[0], ...dense }),
    dropoutLayer('dropout1', 0.5),
    denseLayer('dense2', { units: units[1], ...dense }),
    dropoutLayer('dropout2', 0.5),
    denseLayer('dense3', { units: classes, initialise: convolutionStart }),
  ];
}

/**
 * The network of Levi & Hassner, "Age and Gender Classification using Convolutional Neural Networks" (CVPRW 2015), with
 * the start of their published configuration: biases of 1 in the second convolution and the dense layers.
 */
export const leviHassner: NetworkDefinition = {
  name: 'levi-hassner',
  layers: (classes) => leviHassnerLayers({ filters: [96, 256, 384], units: [512, 512] }, neighbours, classes),
};
