/** Damaged copies of valid files, as fast-check arbitraries: what fails shrinks to few changes. */
import * as fc from 'fast-check';

/** Values at which lengths, counts and offsets overflow, turn negative or ask for more memory than there is. */
const EXTREMES = [
  ...[0n, 1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 1_000_000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn],
  ...[2n ** 40n, 2n ** 53n - 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
];

/** Numbers as text that parsers stumble over. */
const NUMBERS = ['0', '-0', '-1', '1e999', '-1e-999', 'NaN', 'Infinity', '0x10', '1e21', '99999999999999999999', '2147483648', '0.1e-7', ''];

/** Pieces of text that mean something to some parser. */
const TOKENS = [
  ...['"', "'", ',', ';', '\t', '\n', '\r\n', '\r', '\0', '\ufeff', '\ufffd', '\u2028', '\ud83d\ude00', '\\', '\\u0000', ':', '#', '|', '>', '%', '---\n'],
  ...['{', '}', '[', ']', '[[', '{"a":', '- ', '? ', '!!js/function ', '&a ', '*a ', '<<: ', '../', '/', '__proto__', 'constructor', 'toString'],
  ...['null', 'true', '=', '(', ')', ' ', 'é', '\x80', '\xff\xfe'],
];

/** One change to the bytes of a file; `other` is another valid file of the format. */
type Change = (bytes: Buffer, other: Buffer) => Buffer;

const anywhere = fc.nat(0xffff_ffff);
/** Most of what steers a reader stands at the beginning. */
const place = fc.oneof(fc.nat(64), fc.nat(512), fc.nat(4096), anywhere);
const length = fc.oneof(fc.nat(8), fc.nat(64), anywhere);

/** A place within bytes that may be fewer. */
const at = (bytes: Uint8Array, position: number): number => (bytes.length === 0 ? 0 : position % bytes.length);
const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
const replaced = (bytes: Buffer, start: number, end: number, by: Uint8Array): Buffer =>
  joined(bytes.subarray(0, start), by, bytes.subarray(end));

const flip = fc.tuple(place, fc.nat(7)).map(([position, bit]): Change => (bytes) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at(copy, position)]! ^= 1 << bit;
  return copy;
});

const set = fc.tuple(place, fc.nat(255)).map(([position, value]): Change => (bytes) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at(copy, position)] = value;
  return copy;
});

const truncate = place.map((position): Change => (bytes) => bytes.subarray(0, at(bytes, position)));

const remove = fc.tuple(place, length).map(([position, count]): Change => (bytes) => {
  const start = at(bytes, position);
  return replaced(bytes, start, start + (count % (bytes.length - start + 1)), Buffer.of());
});

const duplicate = fc.tuple(place, length, fc.integer({ min: 1, max: 4 })).map(([position, count, times]): Change => (bytes) => {
  const start = at(bytes, position);
  const piece = bytes.subarray(start, start + (count % (bytes.length - start + 1)));
  return replaced(bytes, start, start, joined(...Array.from({ length: times }, () => piece)));
});

const splice = fc.tuple(place, place, length).map(([position, source, count]): Change => (bytes, other) => {
  const [start, from] = [at(bytes, position), at(other, source)];
  const piece = other.subarray(from, from + (count % (other.length - from + 1)));
  return replaced(bytes, start, start + piece.length, piece);
});

const extreme = fc
  .tuple(place, fc.constantFrom(1, 2, 4, 8), fc.constantFrom(...EXTREMES), fc.boolean())
  .map(([position, width, value, littleEndian]): Change => (bytes) => {
    const field = Buffer.alloc(8);
    field.writeBigUInt64BE(BigInt.asUintN(64, value));
    const written = field.subarray(8 - width);
    if (littleEndian) written.reverse();
    const start = at(bytes, position);
    return replaced(bytes, start, start + width, written);
  });

const noise = fc
  .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 32 }))
  .map(([position, piece]): Change => (bytes) => replaced(bytes, at(bytes, position), at(bytes, position), piece));

const token = fc
  .tuple(place, fc.constantFrom(...TOKENS), fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(100, 10_000) }))
  .map(([position, text, times]): Change => (bytes) => {
    const start = at(bytes, position);
    return replaced(bytes, start, start, Buffer.from(text.repeat(times)));
  });

const number = fc.tuple(anywhere, fc.constantFrom(...NUMBERS)).map(([which, text]): Change => (bytes) => {
  const found = [...bytes.toString('latin1').matchAll(/-?\d+(?:\.\d+)?/g)];
  const match = found[which % Math.max(1, found.length)];
  return match === undefined ? bytes : replaced(bytes, match.index, match.index + match[0].length, Buffer.from(text));
});

const BINARY = [flip, set, truncate, remove, duplicate, splice, extreme, noise];
const TEXT = [...BINARY, token, token, number, number];

/** The bytes of one of the samples with some changes, and now and then none, or nothing but noise. */
function mutated(samples: readonly Uint8Array[], changes: readonly fc.Arbitrary<Change>[]): fc.Arbitrary<Uint8Array> {
  const pick = fc.nat(samples.length - 1);
  const few = fc.tuple(pick, pick, fc.array(fc.oneof(...changes), { maxLength: 6 })).map(([sample, other, list]) =>
    list.reduce<Buffer>((bytes, change) => change(bytes, Buffer.from(samples[other]!)), Buffer.from(samples[sample]!)),
  );
  return fc.oneof({ weight: 30, arbitrary: few }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) });
}

export const mutatedBinary = (samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> => mutated(samples, BINARY);
export const mutatedText = (samples: readonly (Uint8Array | string)[]): fc.Arbitrary<Uint8Array> =>
  mutated(samples.map((sample) => Buffer.from(sample as string)), TEXT);
