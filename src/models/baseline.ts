import { normal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import { batchNormLayer, convolutionLayer, flattenLayer, maxPoolLayer } from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import { reportHead } from './report-head.js';

/** Numbers of filters of the convolutions and of units of the hidden dense layers. */
export interface Widths {
  readonly filters: readonly [number, number, number];
  readonly units: readonly [number, number];
}

const initialise = normal(0.01);

/** The layers of the report's network, of any widths. */
export function baselineLayers({ filters, units }: Widths, classes: number): Layer[] {
  return [
    convolutionLayer('conv1', { filters: filters[0], kernel: 7, initialise, activation: 'relu' }),
    maxPoolLayer('pool1', 3, 2),
    batchNormLayer('batch_norm1'),
    convolutionLayer('conv2', { filters: filters[1], kernel: 5, initialise, activation: 'relu' }),
    maxPoolLayer('pool2', 3, 2),
    batchNormLayer('batch_norm2'),
    convolutionLayer('conv3', { filters: filters[2], kernel: 3, initialise, activation: 'relu' }),
    maxPoolLayer('pool3', 3, 3),
    flattenLayer('flatten'),
    ...reportHead(units, classes),
  ];
}

/**
 * The report's network: three convolutions with stride 1 and valid padding, batch normalisation after the first two
 * poolings, and three dense layers. 51,980,936 parameters at 227×227 pixels and 8 classes. Its text also speaks of
 * strides of 2; the shapes that it prints show stride 1, and they win.
 */
export const baseline: NetworkDefinition = {
  name: 'baseline',
  layers: (classes) => baselineLayers({ filters: [96, 256, 384], units: [512, 256] }, classes),
};
