import { flatten } from '../../graph/operators/index.js';
import type { Layer } from '../layer.js';

/** [N, C, H, W] → [N, C·H·W], channel by channel. */
export function flattenLayer(name: string): Layer {
  return { name, kind: 'Flatten', apply: flatten };
}
