import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceBytes } from '../../test/support/reference.js';
import { FormatError } from '../base/errors.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import type { HostTensor } from '../base/tensor.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const bytesOf = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));

/** A file with this header, written as it stands, and `dataBytes` zero bytes. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return bytesOf([length, json, Buffer.alloc(dataBytes)]);
}

const vector = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

describe('readSafetensors', () => {
  it('reads a file laid out by hand', () => {
    const file = fileOf({ __metadata__: { by: 'hand' }, a: vector, b: { dtype: 'BOOL', shape: [], data_offsets: [8, 9] } }, 9);
    new DataView(file.buffer).setFloat32(file.length - 5, 1.5, true);
    file[file.length - 1] = 1;
    const { tensors, metadata } = readSafetensors(file);
    expect(metadata).toEqual({ by: 'hand' });
    expect(tensors.get('a')).toEqual({ type: 'float32', data: Float32Array.of(0, 1.5), shape: [2] });
    expect(tensors.get('b')).toEqual({ type: 'bool', data: Uint8Array.of(1), shape: [] });
  });

  it('makes views of aligned data and copies the others', () => {
    const file = bytesOf(writeSafetensors([['a', floatTensor([1, 2, 3], [3])]]));
    expect(readSafetensors(file).tensors.get('a')?.data.buffer).toBe(file.buffer);
    const shifted = Buffer.concat([Uint8Array.of(0), file]);
    const copy = readSafetensors(shifted.subarray(1)).tensors.get('a')?.data;
    expect(copy).toEqual(Float32Array.of(1, 2, 3));
    expect(copy?.buffer).not.toBe(shifted.buffer);
  });

  it('reads other widths as float32 where it is told to, as PyTorch does', () => {
    const bytes = referenceBytes('float-widths.safetensors');
    const { tensors } = readSafetensors(bytes, 'x', { anyFloats: true });
    for (const type of ['float16', 'bfloat16', 'float64']) {
      const { data } = tensors.get(`${type} float32`)!;
      expect(data).toContain(Infinity);
      expect(tensors.get(type), type).toEqual({ type: 'float32', data, shape: [data.length] });
    }
    expect(() => readSafetensors(bytes)).toThrow('tensor "float16" has type F16; only F32, I32, I64, U8, BOOL can be read');
    expect(() => readSafetensors(fileOf({ a: { ...vector, dtype: 'F16' } }, 8), 'x', { anyFloats: true })).toThrow('"a" has 8 bytes for shape [2] of F16, which needs 4');
    expect(() => readSafetensors(fileOf({ a: { ...vector, dtype: 'I8' } }, 8), 'x', { anyFloats: true })).toThrow('only F32, I32, I64, U8, BOOL, F16, BF16, F64 can be read');
  });

  const length = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);
  const hostile: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /only 0 bytes/],
    ['a header longer than the file', length(10n), /cut off/],
    ['a huge header', length(2n ** 63n), /above 100000000/],
    ['text that is not JSON', fileOf('{"a"', 0), /not JSON/],
    ['bytes that are not UTF-8', bytesOf([length(3n), Uint8Array.of(0x7b, 0xff, 0x7d)]), /not JSON/],
    ['a list as header', fileOf([vector], 8), /not a JSON object/],
    ['a header nested without end', fileOf(`{"a":${'['.repeat(1000)}`, 0), /nested too deeply/],
    ['a string without end', fileOf('{"a\\', 0), /not JSON/],
    ['a tensor that is no object', fileOf({ a: 3 }, 0), /"a"/],
    ['an unknown field', fileOf({ a: { ...vector, stride: 1 } }, 8), /stride/],
    ['a name given twice', fileOf(`{"a":${JSON.stringify(vector)},"\\u0061" :${JSON.stringify(vector)}}`, 8), /"a" twice/],
    ['a field given twice', fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}', 0), /twice/],
    ['__proto__ as a name', fileOf(`{"__proto__":${JSON.stringify(vector)}}`, 8), /__proto__/],
    ['__proto__ in the metadata', fileOf('{"__metadata__":{"__proto__":"x"}}', 0), /__proto__/],
    ['metadata that are not text', fileOf({ __metadata__: { a: 1 } }, 0), /metadata/],
    ['an unknown type', fileOf({ a: { ...vector, dtype: 'F8_E4M3' } }, 8), /"a" has type F8_E4M3/],
    ['a type named like a method', fileOf({ a: { ...vector, dtype: 'toString' } }, 8), /has type toString/],
    ['a negative length', fileOf({ a: { ...vector, shape: [-2] } }, 8), /"a".*shape/s],
    ['a length that is no integer', fileOf({ a: { ...vector, shape: [0.5, 4] } }, 8), /"a".*shape/s],
    ['lengths whose product is beyond any memory', fileOf({ a: { ...vector, shape: [2 ** 40, 2 ** 40] } }, 8), /needs/],
    ['a size that is not that of the shape', fileOf({ a: { ...vector, shape: [3] } }, 8), /needs 12/],
    ['an end before the begin', fileOf({ a: { ...vector, data_offsets: [8, 0] } }, 8), /before its begin/],
    ['a place in the middle of an element', fileOf({ a: { ...vector, data_offsets: [0, 7] } }, 7), /needs 8/],
    ['a place behind the end', fileOf({ a: vector }, 4), /cut off/],
    ['tensors on top of each other', fileOf({ a: vector, b: vector }, 8), /"b" begins at byte 0/],
    ['a gap between tensors', fileOf({ a: vector, b: { ...vector, data_offsets: [12, 20] } }, 20), /expected 8/],
    ['bytes of no tensor at the end', fileOf({ a: vector }, 9), /too long/],
    ['a boolean of 2', fileOf({ a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, 1).with(-1, 2), /neither/],
  ];
  it.each(hostile)('refuses %s', (_, file, message) => {
    expect(() => readSafetensors(file, 'x.safetensors')).toThrow(FormatError);
    expect(() => readSafetensors(file, 'x.safetensors')).toThrow(message);
  });
});

const shapes = fc.array(fc.nat(4), { maxLength: 3 });
const tensors: fc.Arbitrary<HostTensor> = shapes.chain((shape) => {
  const size = { minLength: sizeOf(shape), maxLength: sizeOf(shape) };
  return fc.oneof(
    fc.float32Array(size).map((data) => ({ type: 'float32' as const, data, shape })),
    fc.int32Array(size).map((data) => ({ type: 'int32' as const, data, shape })),
    fc.bigInt64Array(size).map((data) => ({ type: 'int64' as const, data, shape })),
    fc.uint8Array(size).map((data) => ({ type: 'uint8' as const, data, shape })),
    fc.uint8Array({ ...size, max: 1 }).map((data) => ({ type: 'bool' as const, data, shape })),
  );
});
const names = fc.string({ unit: 'grapheme' }).filter((name) => !/^(__metadata__|__proto__|constructor|prototype)$/.test(name));
const contents = fc.tuple(
  fc.uniqueArray(fc.tuple(names, tensors), { selector: ([name]) => name, maxLength: 8 }),
  fc.dictionary(names, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
);

describe('writeSafetensors', () => {
  it('is undone by readSafetensors', () => {
    fc.assert(
      fc.property(contents, ([entries, metadata]) => {
        const read = readSafetensors(bytesOf(writeSafetensors(entries, metadata)));
        expect(read.metadata).toEqual(metadata);
        expect(read.tensors).toEqual(new Map(entries));
      }),
      { seed: 1 },
    );
  });

  it('makes files of which every damaged copy is refused or read as something valid', () => {
    const mutation = fc.record({ at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), byte: fc.nat(255) });
    const damage = fc.tuple(fc.array(mutation, { minLength: 1, maxLength: 4 }), fc.option(fc.nat(64)));
    fc.assert(
      fc.property(contents, damage, ([entries, metadata], [mutations, cut]) => {
        const whole = bytesOf(writeSafetensors(entries, metadata));
        for (const { at, byte } of mutations) whole[Math.floor(at * whole.length)] = byte;
        expectValidOrRefused(whole.subarray(0, whole.length - (cut ?? 0)));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('does not copy the data and aligns every tensor to its elements', () => {
    const bytes: HostTensor = { type: 'uint8', data: Uint8Array.of(1, 2, 3), shape: [3] };
    const longs: HostTensor = { type: 'int64', data: BigInt64Array.of(1n), shape: [] };
    const floats = floatTensor([1, 2], [2]);
    const chunks = writeSafetensors([['bytes', bytes], ['floats', floats], ['longs', longs]]);
    expect(chunks[0]!.byteLength % 8).toBe(0);
    expect(chunks.slice(1).map((chunk) => chunk.buffer)).toEqual([longs, floats, bytes].map(({ data }) => data.buffer));
    expect(chunks[2]!.buffer).toBe(floats.data.buffer);
  });

  it('refuses what it could not read back', () => {
    const scalar = floatTensor([1], []);
    expect(() => writeSafetensors([['a', scalar], ['a', scalar]])).toThrow(/"a": given twice/);
    expect(() => writeSafetensors([['__metadata__', scalar]])).toThrow(FormatError);
    expect(() => writeSafetensors([['__proto__', scalar]])).toThrow(FormatError);
    expect(() => writeSafetensors([['a', { ...scalar, shape: [2] }]])).toThrow(/do not fill shape \[2\]/);
  });
});

function expectValidOrRefused(file: Uint8Array): void {
  let read;
  try {
    read = readSafetensors(file);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return;
  }
  for (const { data, shape } of read.tensors.values()) expect(data.length).toBe(sizeOf(shape));
}
