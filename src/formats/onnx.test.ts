import { create } from '@bufbuild/protobuf';
import { TensorProto_DataLocation, TensorProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { add } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import { readInitialiser, readOnnxMetadata } from './onnx.js';

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

describe('readInitialiser', () => {
  const read = (init: Parameters<typeof create<typeof TensorProtoSchema>>[1]) => readInitialiser(create(TensorProtoSchema, { name: 'w', dims: [2n], ...init }), 'x');

  // The numbers of the types are those of onnx.proto; 1 is 3c00 in float16 and 3f80 in bfloat16, -2.5 is c100 and c020.
  it.each<[string, Parameters<typeof read>[0]]>([
    ['float32', { dataType: 1, floatData: [1, -2.5] }],
    ['float32 in bytes', { dataType: 1, rawData: Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0) }],
    ['float16', { dataType: 10, int32Data: [0x3c00, 0xc100] }],
    ['float16 in bytes', { dataType: 10, rawData: Uint8Array.of(0, 0x3c, 0, 0xc1) }],
    ['bfloat16', { dataType: 16, int32Data: [0x3f80, 0xc020] }],
    ['bfloat16 in bytes', { dataType: 16, rawData: Uint8Array.of(0x80, 0x3f, 0x20, 0xc0) }],
    ['float64', { dataType: 11, doubleData: [1, -2.5] }],
    ['float64 in bytes', { dataType: 11, rawData: new Uint8Array(Float64Array.of(1, -2.5).buffer) }],
  ])('reads %s', (_, init) => {
    expect(read(init)).toEqual({ type: 'float32', data: Float32Array.of(1, -2.5), shape: [2] });
  });

  it.each<[string, Parameters<typeof read>[0], string]>([
    ['whole numbers', { dataType: 6, int32Data: [1, 2] }, 'x: initialiser "w" does not hold numbers of the type float32, float16, bfloat16 or float64'],
    ['too few numbers', { dataType: 10, rawData: Uint8Array.of(0, 0x3c, 0) }, 'x: initialiser "w" of shape [2] holds 1 numbers, not 2'],
    ['numbers in another file', { dataType: 10, dataLocation: TensorProto_DataLocation.EXTERNAL }, 'x: initialiser "w" is kept in another file, which is not read'],
  ])('refuses %s', (_, init, message) => {
    expect(() => read(init)).toThrow(FormatError);
    expect(() => read(init)).toThrow(message);
  });
});
