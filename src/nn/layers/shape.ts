import { flatten, pad } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';

/** [N, C, H, W] → [N, C·H·W], channel by channel. */
export function flattenLayer(name: string): Layer {
  return { name, kind: 'Flatten', description: { kind: 'Flatten', name }, apply: flatten };
}

/** Zeros around a picture: [N, C, H, W] → [N, C, top + H + bottom, left + W + right]; pixels [top, left, bottom, right]. */
export function zeroPaddingLayer(name: string, padding: readonly [number, number, number, number]): Layer {
  const [top, left, bottom, right] = padding;
  return {
    name,
    kind: 'ZeroPadding2D',
    description: { kind: 'ZeroPadding2D', name, padding },
    apply: (x) => pad(x, [0, 0, top, left, 0, 0, bottom, right]),
  };
}
