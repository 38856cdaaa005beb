import { describe, expect, it } from 'vitest';
import { FormatError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { add } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import { readOnnxMetadata } from './onnx.js';

function modelWith(metadata?: Record<string, string>): Uint8Array {
  const graph = new Graph();
  graph.output('y', add(graph.input('x', 'float32', [2]), graph.constant(floatTensor([1, 2], [2]))));
  return serialise(graph, metadata ? { metadata } : {});
}

describe('readOnnxMetadata', () => {
  it('gives the key-value pairs of a model', () => {
    const pairs = { 'ageband.classes': '["0-2","60+"]', note: 'Größe – 227' };
    expect(readOnnxMetadata(modelWith(pairs))).toEqual(new Map(Object.entries(pairs)));
    expect(readOnnxMetadata(modelWith())).toEqual(new Map());
  });

  it('takes hostile keys as plain text', () => {
    const metadata = readOnnxMetadata(modelWith({ ['__proto__']: 'x', constructor: 'y' }));
    expect(metadata.get('constructor')).toBe('y');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('<html>not found</html>')],
    ['random bytes', Uint8Array.from({ length: 500 }, (_, index) => (index * 7919) % 251)],
    ['half a model', modelWith().subarray(0, 60)],
  ])('refuses %s, with the name of the file', (_name, bytes) => {
    const read = () => readOnnxMetadata(bytes, 'some/model.onnx');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(/^some\/model\.onnx: is no ONNX model: /);
  });
});
