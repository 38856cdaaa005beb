import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { EngineError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import type { HostTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { add, cast, greater, maxPool, multiply } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import type { SessionOptions } from './session.node.js';
import { Session } from './session.node.js';

/** Sum and product of two vectors. */
async function open(options: SessionOptions = {}): Promise<Session> {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', [3]), graph.input('b', 'float32', [3])];
  graph.output('sum', add(a, b));
  graph.output('product', multiply(a, b));
  const session = await Session.create(serialise(graph), { threads: 1, ...options });
  onTestFinished(() => session.dispose().catch(() => undefined));
  return session;
}

const vector = (...values: number[]): HostTensor => floatTensor(values, [values.length]);
const feeds = { a: vector(1, 2, 3), b: vector(4, 5, 6) };

describe('Session', () => {
  it('runs a graph and gives its outputs by name', async () => {
    const session = await open();
    expect([session.inputNames, session.outputNames]).toEqual([
      ['a', 'b'],
      ['sum', 'product'],
    ]);
    expect(await session.run(feeds)).toEqual({ sum: vector(5, 7, 9), product: vector(4, 10, 18) });
  });

  it('gives only the outputs that are wanted', async () => {
    const session = await open();
    expect(await session.run(feeds, { fetches: { product: undefined } })).toEqual({ product: vector(4, 10, 18) });
  });

  it('writes an output into the memory that it is given, run after run', async () => {
    const session = await open();
    const sum = vector(0, 0, 0);
    const memory = sum.data;
    const results = await session.run(feeds, { fetches: { sum, product: undefined } });
    expect(results['sum']).toBe(sum);
    expect(sum.data).toBe(memory);
    expect(sum).toEqual(vector(5, 7, 9));
    await session.run({ ...feeds, a: vector(10, 20, 30) }, { fetches: { sum } });
    expect(sum).toEqual(vector(14, 25, 36));
    expect(results['product']).toEqual(vector(4, 10, 18));
  });

  it('leaves earlier outputs alone when it runs again', async () => {
    const session = await open();
    const first = await session.run(feeds);
    await session.run({ a: vector(0, 0, 0), b: vector(0, 0, 0) });
    expect(first).toEqual({ sum: vector(5, 7, 9), product: vector(4, 10, 18) });
  });

  it('takes and gives integers and truth values', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 1, 2, 2]);
    const pooled = maxPool(x, { kernel: [2, 2] });
    graph.output('position', pooled.producer!.outputs[1]!);
    graph.output('large', greater(x, 3));
    graph.output('whole', cast(x, 'int32'));
    graph.output('bytes', cast(graph.input('flag', 'bool', [2]), 'uint8'));
    const session = await Session.create(serialise(graph), { threads: 1 });
    onTestFinished(() => session.dispose());
    const flag: HostTensor = { type: 'bool', data: Uint8Array.of(1, 0), shape: [2] };
    expect(await session.run({ x: floatTensor([1.5, 3, 9, 2], [1, 1, 2, 2]), flag })).toEqual({
      position: { type: 'int64', data: BigInt64Array.of(2n), shape: [1, 1, 1, 1] },
      large: { type: 'bool', data: Uint8Array.of(0, 0, 1, 0), shape: [1, 1, 2, 2] },
      whole: { type: 'int32', data: Int32Array.of(1, 3, 9, 2), shape: [1, 1, 2, 2] },
      bytes: { type: 'uint8', data: Uint8Array.of(1, 0), shape: [2] },
    });
  });

  it('writes a profile when one is asked for', async () => {
    const folder = await temporaryFolder();
    const session = await open({ profile: join(folder, 'profile') });
    await session.run(feeds);
    await session.dispose();
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^profile.*\.json$/)]);
  });
});

describe('what goes wrong in ONNX Runtime is an EngineError', () => {
  it('for a model that is none', async () => {
    const creation = Session.create(Uint8Array.of(1, 2, 3, 4));
    await expect(creation).rejects.toThrow(EngineError);
    await expect(creation).rejects.toThrow(/^ONNX Runtime refused the graph: /);
  });

  it('for a model with an operator that does not exist', async () => {
    const graph = new Graph();
    const [y] = graph.append(
      { name: 'odd', operator: 'NoSuchOperator', domain: '', inputs: [graph.input('x', 'float32', [1])], attributes: {} },
      [{ type: 'float32', shape: [1] }],
    );
    graph.output('y', y);
    const creation = Session.create(serialise(graph));
    await expect(creation).rejects.toThrow(EngineError);
    await expect(creation).rejects.toThrow(/NoSuchOperator/);
  });

  it.each([
    ['of the wrong shape', { ...feeds, a: vector(1, 2) }],
    ['of the wrong type', { ...feeds, a: { type: 'int32', data: Int32Array.of(1, 2, 3), shape: [3] } as const }],
    ['that is missing', { b: feeds.b }],
    ['that the graph does not have', { ...feeds, c: feeds.a }],
    ['whose data do not fill its shape', { ...feeds, a: { type: 'float32', data: Float32Array.of(1), shape: [3] } as const }],
  ])('for an input %s', async (_name, wrong) => {
    const session = await open();
    await expect(session.run(wrong)).rejects.toThrow(EngineError);
    expect((await session.run(feeds))['sum']).toEqual(vector(5, 7, 9));
  });

  it('for an output that the graph does not have', async () => {
    const session = await open();
    await expect(session.run(feeds, { fetches: { quotient: undefined } })).rejects.toThrow(EngineError);
  });

  it('for memory of the wrong size', async () => {
    const session = await open();
    await expect(session.run(feeds, { fetches: { sum: vector(0, 0) } })).rejects.toThrow(EngineError);
  });

  it('after the session was disposed of', async () => {
    const session = await open();
    await session.dispose();
    await expect(session.run(feeds)).rejects.toThrow(EngineError);
  });
});
