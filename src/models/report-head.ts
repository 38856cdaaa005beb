import { normal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import { denseLayer, dropoutLayer } from '../nn/layers/index.js';

const initialise = normal(0.01);

/**
 * The dense layers that the report puts on features: two with ReLU and dropout of one half, then the logits.
 * @param units of the hidden layers; the report has 512 and 256
 */
export function reportHead(units: readonly [number, number], classes: number): Layer[] {
  return [
    denseLayer('dense1', { units: units[0], initialise, activation: 'relu' }),
    dropoutLayer('dropout1', 0.5),
    denseLayer('dense2', { units: units[1], initialise, activation: 'relu' }),
    dropoutLayer('dropout2', 0.5),
    denseLayer('dense3', { units: classes, initialise }),
  ];
}
