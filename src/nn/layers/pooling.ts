import { maxPool } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';

/** Maxima of square windows without padding: [N, C, H, W] → [N, C, oH, oW]. Sizes in pixels. */
export function maxPoolLayer(name: string, size: number, stride: number): Layer {
  return {
    name,
    kind: 'MaxPooling2D',
    apply: (x) => maxPool(x, { kernel: [size, size], strides: [stride, stride] }),
  };
}
