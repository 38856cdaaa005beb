import { normal } from '../../src/nn/initialisers.js';
import { convolutionLayer, denseLayer, globalAveragePoolLayer, maxPoolLayer } from '../../src/nn/layers/index.js';
import type { NetworkDefinition } from '../../src/nn/network.js';

const convolution = { kernel: 3, padding: 1, initialise: normal(0.1), activation: 'relu' } as const;

/** A small network that ends as class activation maps need it. */
export const pooledNetwork: NetworkDefinition = {
  name: 'pooled',
  layers: (classes) => [
    convolutionLayer('conv1', { filters: 4, ...convolution }),
    maxPoolLayer('pool1', 2, 2),
    convolutionLayer('conv2', { filters: 5, ...convolution }),
    globalAveragePoolLayer('means'),
    denseLayer('dense', { units: classes, initialise: normal(0.1) }),
  ],
};
