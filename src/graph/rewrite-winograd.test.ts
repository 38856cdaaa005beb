import { describe, expect, it } from 'vitest';
import { evaluate, randomTensor } from '../../test/support/numeric.js';
import { gradients } from '../autodiff/gradients.js';
import { Graph } from './graph.js';
import { liveNodes } from './live-nodes.js';
import type { ConvolutionOptions } from './operators/index.js';
import { convolution, multiply, reduceSum } from './operators/index.js';
import { convolutionByRows } from './rewrite-winograd.js';
import { rewrite } from './rewrite.js';

interface Case {
  readonly title: string;
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly options?: ConvolutionOptions;
}

/** A convolution and the gradients of a weighted sum of its output, computed with or without the rewrite. */
async function outcome({ x, kernel, options = {} }: Case, rewritten: boolean) {
  const graph = new Graph();
  const inputs = [graph.input('x', 'float32', x), graph.input('kernel', 'float32', kernel), graph.input('bias', 'float32', [kernel[0]!])];
  graph.output('y', convolution(inputs[0]!, inputs[1]!, inputs[2], options));
  const after = rewrite(graph, rewritten ? [convolutionByRows] : []).graph;
  const y = after.outputs.get('y')!;
  const sources = ['x', 'kernel', 'bias'].map((name) => after.inputNamed(name));
  const loss = reduceSum(multiply(y, after.constant(randomTensor(y.shape, 4))));
  gradients(loss, sources).forEach((gradient, index) => after.output(`gradient ${sources[index]!.name}`, gradient));
  const feeds = { x: randomTensor(x, 1), kernel: randomTensor(kernel, 2), bias: randomTensor([kernel[0]!], 3) };
  const operators = liveNodes(after).map((node) => node.operator);
  return { operators, results: await evaluate(after, feeds) };
}

describe('convolutionByRows', () => {
  const cases: Case[] = [
    { title: '5×5 kernel, height that no tile divides', x: [2, 64, 19, 9], kernel: [64, 64, 5, 5] },
    { title: '3×3 kernel', x: [1, 64, 14, 8], kernel: [70, 64, 3, 3] },
    { title: 'padding, not the same on all sides', x: [1, 64, 13, 7], kernel: [64, 64, 3, 3], options: { pads: [2, 1, 0, 2] } },
    { title: 'a kernel higher than wide', x: [1, 64, 18, 6], kernel: [64, 64, 4, 1] },
  ];
  it.each(cases)('computes $title as the direct way does, gradients too', async (given) => {
    const direct = await outcome(given, false);
    const byRows = await outcome(given, true);
    expect(byRows.operators).toContain('Split');
    for (const [name, tensor] of Object.entries(direct.results)) {
      const expected = tensor.data as Float32Array;
      const actual = byRows.results[name]!.data as Float32Array;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const error = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - actual[index]!)), 0);
      expect(error / largest, name).toBeLessThan(1e-5);
    }
  });

  const left: Case[] = [
    { title: 'a stride', x: [1, 64, 30, 8], kernel: [64, 64, 3, 3], options: { strides: [2, 2] } },
    { title: 'a dilation', x: [1, 64, 30, 8], kernel: [64, 64, 3, 3], options: { dilations: [2, 2] } },
    { title: 'groups', x: [1, 128, 14, 4], kernel: [128, 64, 3, 3], options: { groups: 2 } },
    { title: 'few input channels', x: [1, 3, 14, 6], kernel: [64, 3, 3, 3] },
    { title: 'a kernel of one row', x: [1, 64, 14, 6], kernel: [64, 64, 1, 3] },
    { title: 'few rows', x: [1, 64, 8, 6], kernel: [64, 64, 3, 3] },
  ];
  it.each(left)('leaves a convolution with $title alone', async (given) => {
    expect((await outcome(given, true)).operators).not.toContain('Split');
  });
});
