import { describe, expect, it } from 'vitest';
import { baseline } from '../models/baseline.js';
import { buildNetwork } from '../nn/network.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/graph.js';
import { convolution, maxPool, relu } from '../graph/operators/index.js';
import { placementOf } from './placement.js';

function images(size: number): Value {
  return new Graph().input('images', 'float32', [1, 3, size, size]);
}

function kernel(x: Value, size: number): Value {
  return x.graph.input(`kernel${x.name}`, 'float32', [4, x.shape[1]!, size, size]);
}

describe('placementOf', () => {
  it('finds the middle of the window of a convolution without padding', () => {
    const x = images(9);
    expect(placementOf(convolution(x, kernel(x, 5)), x)).toEqual({
      rows: { start: 2, step: 1 },
      columns: { start: 2, step: 1 },
    });
  });

  it('counts padding, strides and dilations of each axis', () => {
    const x = images(20);
    const y = convolution(x, kernel(x, 3), undefined, { strides: [2, 1], pads: [1, 0, 1, 0], dilations: [1, 3] });
    expect(placementOf(y, x)).toEqual({ rows: { start: 0, step: 2 }, columns: { start: 3, step: 1 } });
  });

  it('gives what stretching gives where windows are padded as they need', () => {
    const x = images(16);
    const first = convolution(x, kernel(x, 3), undefined, { pads: [1, 1, 1, 1] });
    const pooled = maxPool(relu(first), { kernel: [2, 2], strides: [2, 2] });
    const second = convolution(pooled, kernel(pooled, 3), undefined, { pads: [1, 1, 1, 1] });
    const y = maxPool(second, { kernel: [2, 2], strides: [2, 2] });
    // Four cells of four pixels: the middle of the first one lies between the second pixel and the third.
    expect(placementOf(y, x)).toEqual({ rows: { start: 1.5, step: 4 }, columns: { start: 1.5, step: 4 } });
  });

  it("finds the places of the report's network", () => {
    const { layers, images: input } = buildNetwork(baseline, { batch: 1, imageSize: 227, classes: 8, training: false });
    const at = (name: string) => placementOf(layers.find(({ layer }) => layer.name === name)!.output, input).rows;
    expect(at('conv1')).toEqual({ start: 3, step: 1 });
    expect(at('conv2')).toEqual({ start: 3 + 1 + 2 * 2, step: 2 });
    expect(at('conv3')).toEqual({ start: 8 + 1 * 2 + 1 * 4, step: 4 });
  });
});
