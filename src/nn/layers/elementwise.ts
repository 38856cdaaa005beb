import { floatTensor } from '../../base/tensor.js';
import type { Value } from '../../graph/graph.js';
import { add, divide, multiply, reverse, subtract } from '../../graph/operators/index.js';
import type { Activation } from '../activations.js';
import { activate } from '../activations.js';
import type { Layer } from '../layer.js';

/** An activation that stands by itself. */
export function activationLayer(name: string, activation: Activation): Layer {
  return {
    name,
    kind: 'Activation',
    description: { kind: 'Activation', name, activation },
    apply: (x) => activate(x, activation),
  };
}

/** x · scale + offset: brings pictures into the range that a network wants. */
export function rescalingLayer(name: string, { scale, offset }: { scale: number; offset: number }): Layer {
  return {
    name,
    kind: 'Rescaling',
    description: { kind: 'Rescaling', name, scale, offset },
    apply(x) {
      const scaled = multiply(x, scale);
      return offset === 0 ? scaled : add(scaled, offset);
    },
  };
}

/** A number for each of the three channels, in the order that they have once the layer has put them into it. */
export type PerChannel = readonly [number, number, number];

export interface InputNormalisationOptions {
  /** The order of the channels that the layers after it expect. */
  readonly colours: 'RGB' | 'BGR';
  /** What brings pixels of 0..1 to the levels that `mean` and `deviation` are given in: 255, or 1. */
  readonly scale: number;
  readonly mean: PerChannel;
  readonly deviation: PerChannel;
}

/** What a pretrained network wants of its pictures: (scale · x − mean) / deviation for each channel. RGB [N, 3, H, W] → [N, 3, H, W]. */
export function inputNormalisationLayer(name: string, { colours, scale, mean, deviation }: InputNormalisationOptions): Layer {
  const kind = 'InputNormalization';
  return {
    name,
    kind,
    description: { kind, name, colours, scale, mean, deviation },
    apply(x) {
      const perChannel = (values: PerChannel): Value => x.graph.constant(floatTensor(values, [1, 3, 1, 1]));
      const ordered = colours === 'BGR' ? reverse(x, [1]) : x;
      const scaled = scale === 1 ? ordered : multiply(ordered, scale);
      const centred = subtract(scaled, perChannel(mean));
      return deviation.every((value) => value === 1) ? centred : divide(centred, perChannel(deviation));
    },
  };
}
