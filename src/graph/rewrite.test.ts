import { expect, it } from 'vitest';
import { evaluate } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from './graph.js';
import { add, multiply, negate, relu, subtract } from './operators/index.js';
import type { RewriteRule } from './rewrite.js';
import { rewrite, rewriteInTurn } from './rewrite.js';
import { liveNodes } from './live-nodes.js';

const operatorsOf = (graph: Graph): string[] => liveNodes(graph).map((node) => node.operator);

/** −x becomes 0 − x. */
const negationBySubtraction: RewriteRule = (node, { mapped }) =>
  node.operator === 'Neg' ? [subtract(0, mapped(node.inputs[0]!))] : undefined;

it('copies a graph without rules, with names, constants, scopes and outputs', async () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  const y = old.scope('layer', () => add(multiply(x, old.constant(floatTensor([2, 3], [2]), 'factors')), x));
  old.output('y', y);
  const { graph, mapped } = rewrite(old, []);
  expect(graph.nodes.map(({ name, operator }) => [name, operator])).toEqual([
    ['layer/Mul', 'Mul'],
    ['layer/Add', 'Add'],
  ]);
  expect(mapped(x)).toBe(graph.inputNamed('x'));
  expect(graph.outputs.get('y')).toBe(mapped(y));
  const outputs = await evaluate(graph, { x: floatTensor([10, 20], [2]) });
  expect(outputs['y']).toEqual(floatTensor([30, 80], [2]));
});

it('puts what a rule returns in the place of a node, and leaves the old graph alone', async () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  old.output('y', relu(negate(x)));
  const { graph } = rewrite(old, [negationBySubtraction]);
  expect(operatorsOf(graph)).toEqual(['Sub', 'Relu']);
  expect(operatorsOf(old)).toEqual(['Neg', 'Relu']);
  expect((await evaluate(graph, { x: floatTensor([-5, 5], [2]) }))['y']).toEqual(floatTensor([5, 0], [2]));
});

it('takes the first rule that matches', () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  old.output('y', negate(x));
  const never: RewriteRule = () => undefined;
  const byMultiplication: RewriteRule = (_node, { mapped }) => [multiply(mapped(x), -1)];
  expect(operatorsOf(rewrite(old, [never, negationBySubtraction, byMultiplication]).graph)).toEqual(['Sub']);
});

it('counts each use of a value by an output, or by a node that an output depends on', () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  const square = multiply(x, x);
  const unused = add(x, square);
  old.output('square', square);
  const uses: number[] = [];
  rewrite(old, [
    (_node, context) => {
      uses.push(...[x, square, unused].map(context.uses));
      return undefined;
    },
  ]);
  expect(uses.slice(0, 3)).toEqual([2, 1, 0]);
});

it('leaves behind what nothing uses after a rewrite', () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  const half = multiply(x, 0.5);
  old.output('y', negate(negate(half)));
  const cancelled: RewriteRule = (node, { mapped }) => {
    const inner = node.inputs[0]?.producer;
    return node.operator === 'Neg' && inner?.operator === 'Neg' ? [mapped(inner.inputs[0]!)] : undefined;
  };
  const { graph } = rewrite(old, [cancelled]);
  expect(graph.nodes.map((node) => node.operator)).toEqual(['Mul', 'Neg']);
  expect(operatorsOf(graph)).toEqual(['Mul']);
});

it('refuses to lose a value that is still needed', () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  old.output('y', negate(x));
  expect(() => rewrite(old, [() => []])).toThrow(ShapeError);
  expect(() => rewrite(old, [() => []])).toThrow('"Neg_out" has no counterpart in the new graph');
});

it('rewriteInTurn lets later rules see what earlier ones made', async () => {
  const old = new Graph();
  const x = old.input('x', 'float32', [2]);
  const y = negate(x);
  old.output('y', y);
  /** 0 − x becomes x · −1. */
  const subtractionByMultiplication: RewriteRule = (node, { mapped }) =>
    node.operator === 'Sub' ? [multiply(mapped(node.inputs[1]!), -1)] : undefined;
  const { graph, mapped } = rewriteInTurn(old, [negationBySubtraction, subtractionByMultiplication]);
  expect(operatorsOf(graph)).toEqual(['Mul']);
  expect(graph.outputs.get('y')).toBe(mapped(y));
  expect(mapped(x)).toBe(graph.inputNamed('x'));
  expect((await evaluate(graph, { x: floatTensor([-5, 5], [2]) }))['y']).toEqual(floatTensor([5, -5], [2]));
  expect(operatorsOf(rewriteInTurn(old, [subtractionByMultiplication, negationBySubtraction]).graph)).toEqual(['Sub']);
});
