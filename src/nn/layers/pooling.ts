import { averagePool, flatten, globalAveragePool, maxPool } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';
import type { Pair } from '../padding.js';
import { padsOf, pairOf } from '../padding.js';

/**
 * Maxima of windows: [N, C, H, W] → [N, C, oH, oW]. Sizes in pixels, one number for a square. What `same` adds around the
 * picture never is a maximum.
 */
export function maxPoolLayer(
  name: string,
  size: number | Pair,
  stride: number | Pair,
  padding: 'valid' | 'same' = 'valid',
): Layer {
  const [kernel, strides] = [pairOf(size), pairOf(stride)];
  return {
    name,
    kind: 'MaxPooling2D',
    description: { kind: 'MaxPooling2D', name, size: kernel, stride: strides, padding },
    apply(x) {
      const window = { kernel, stride: strides, dilation: [1, 1] as const };
      return maxPool(x, { kernel, strides, pads: padsOf(padding, [x.shape[2]!, x.shape[3]!], window) });
    },
  };
}

export interface AveragePoolLayerOptions {
  readonly size: Pair;
  readonly stride: Pair;
  readonly padding: 'valid' | 'same';
}

/** Means of windows: [N, C, H, W] → [N, C, oH, oW]. What `same` adds around the picture does not count. */
export function averagePoolLayer(name: string, { size, stride, padding }: AveragePoolLayerOptions): Layer {
  return {
    name,
    kind: 'AveragePooling2D',
    description: { kind: 'AveragePooling2D', name, size, stride, padding },
    apply(x) {
      const window = { kernel: size, stride, dilation: [1, 1] as const };
      return averagePool(x, { kernel: size, strides: stride, pads: padsOf(padding, [x.shape[2]!, x.shape[3]!], window) });
    },
  };
}

/** The mean of each channel: [N, C, H, W] → [N, C]. */
export function globalAveragePoolLayer(name: string): Layer {
  return {
    name,
    kind: 'GlobalAveragePooling2D',
    description: { kind: 'GlobalAveragePooling2D', name },
    apply: (x) => flatten(globalAveragePool(x)),
  };
}
