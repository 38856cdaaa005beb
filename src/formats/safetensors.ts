/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes with the length of the header
 * (little-endian), a JSON header that gives each tensor's type, shape and place, then the tensors' bytes without gaps.
 */
import { z } from 'zod';
import { FormatError, messageOf } from '../base/errors.js';
import type { FloatType } from '../base/floats.js';
import { FLOAT_BYTES, float32Of } from '../base/floats.js';
import { sizeOf } from '../base/tensor.js';
import type { ElementType, HostTensor } from '../base/tensor.js';

/** The largest header that the reference implementation accepts. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
/** The header, a tensor in it, and its shape. */
const HEADER_DEPTH = 3;
/** A colon at `lastIndex`, after white space. */
const COLON = /\s*:/y;
const METADATA_KEY = '__metadata__';
/** Names that mean something else than a property to JavaScript code which copies objects carelessly. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type DataType = 'F32' | 'I32' | 'I64' | 'U8' | 'BOOL';

interface Storage {
  type: ElementType;
  bytes: number;
  array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => HostTensor['data'];
}

const DATA_TYPES: Record<DataType, Storage> = {
  F32: { type: 'float32', bytes: 4, array: Float32Array },
  I32: { type: 'int32', bytes: 4, array: Int32Array },
  I64: { type: 'int64', bytes: 8, array: BigInt64Array },
  U8: { type: 'uint8', bytes: 1, array: Uint8Array },
  BOOL: { type: 'bool', bytes: 1, array: Uint8Array },
};

/** Types of files from elsewhere, which are read as float32. */
const OTHER_FLOATS: ReadonlyMap<string, FloatType> = new Map<string, FloatType>([
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F64', 'float64'],
]);

const DATA_TYPE_OF: Record<ElementType, DataType> = {
  float32: 'F32',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  bool: 'BOOL',
};

const metadataSchema = z.record(z.string(), z.string());
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** Where a tensor lies: `begin` and `end` count bytes from the end of the header. */
interface Entry {
  name: string;
  dataType: DataType | FloatType;
  shape: number[];
  begin: number;
  end: number;
}

/** The content of a safetensors file. */
export interface Safetensors {
  /** The tensors by name. */
  tensors: Map<string, HostTensor>;
  metadata: Record<string, string>;
}

export interface ReadSafetensorsOptions {
  /** Take F16, BF16 and F64 as well, as float32: files from elsewhere have them, ageband's own never. */
  readonly anyFloats?: boolean;
}

/**
 * Reads a safetensors file. The whole header is checked before the first tensor is made. A tensor is a view of `bytes`
 * where its place is aligned to its element size, else a copy.
 * @param name file name for error messages
 * @throws {FormatError} when the file is damaged or holds another type than F32, I32, I64, U8, BOOL and the `anyFloats`
 */
export function readSafetensors(bytes: Uint8Array, name = '<buffer>', { anyFloats = false }: ReadSafetensorsOptions = {}): Safetensors {
  const begin = LENGTH_BYTES + headerLength(bytes, name);
  const { entries, metadata } = parseHeader(bytes.subarray(LENGTH_BYTES, begin), name, anyFloats);
  // Not `bytes.subarray`: the `slice` of a Node.js Buffer does not copy.
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + begin, bytes.byteLength - begin);
  checkLayout(entries, data.byteLength, name);
  const tensors = new Map<string, HostTensor>();
  for (const entry of entries) tensors.set(entry.name, tensorAt(data, entry, name));
  return { tensors, metadata };
}

/**
 * Encodes tensors as a safetensors file, in chunks to be written one after the other. All chunks but the first are the
 * tensors' own memory, not copies. Tensors are sorted by falling element size, so that each one is aligned.
 * @throws {FormatError} for a name that is given twice or cannot be stored, or data that do not fill their shape.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, HostTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sorted = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set(METADATA_KEY, metadata);
  let offset = 0;
  for (const [name, tensor] of sorted) {
    checkStorable(name, tensor, header);
    const end = offset + tensor.data.byteLength;
    header.set(name, { dtype: DATA_TYPE_OF[tensor.type], shape: tensor.shape, data_offsets: [offset, end] });
    offset = end;
  }
  return [encodeHeader(Object.fromEntries(header)), ...sorted.map(([, { data }]) => bytesOf(data))];
}

function headerLength(bytes: Uint8Array, file: string): number {
  if (bytes.byteLength < LENGTH_BYTES) {
    throw new FormatError(file, `no safetensors file: only ${bytes.byteLength} bytes long`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new FormatError(file, `no safetensors file: a header of ${length} bytes is above ${MAX_HEADER_BYTES}`);
  }
  if (length > bytes.byteLength - LENGTH_BYTES) {
    throw new FormatError(file, `cut off: the header should have ${length} bytes, the file has ${bytes.byteLength}`);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, file: string, anyFloats: boolean): { entries: Entry[]; metadata: Record<string, string> } {
  const { [METADATA_KEY]: metadata = {}, ...entries } = parseHeaderJson(bytes, file);
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) throw new FormatError(file, `metadata must be text by name: ${z.prettifyError(parsed.error)}`);
  return {
    entries: Object.entries(entries).map(([name, value]) => parseEntry(name, value, file, anyFloats)),
    metadata: parsed.data,
  };
}

function parseHeaderJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.startsWith('{')) throw new FormatError(file, 'the header is not a JSON object');
    checkKeys(text, file);
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(file, `the header is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** Refuses what `JSON.parse` lets through: keys given twice (it merges them), forbidden keys, and bottomless nesting. */
function checkKeys(json: string, file: string): void {
  const scopes: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') scopes.push(new Set());
    else if (character === '}' || character === ']') scopes.pop();
    else if (character === '"') {
      const start = i++;
      while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      COLON.lastIndex = i + 1;
      if (!COLON.test(json)) continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      const scope = scopes.at(-1);
      if (FORBIDDEN_NAMES.has(key)) throw new FormatError(file, `the header uses the forbidden name "${key}"`);
      if (scope?.has(key)) throw new FormatError(file, `the header gives "${key}" twice`);
      scope?.add(key);
    }
    if (scopes.length > HEADER_DEPTH) throw new FormatError(file, 'the header is nested too deeply');
  }
}

function parseEntry(name: string, value: unknown, file: string, anyFloats: boolean): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw new FormatError(file, `tensor "${name}": ${z.prettifyError(parsed.error)}`);
  const { dtype, shape, data_offsets: [begin, end] } = parsed.data;
  const dataType = isDataType(dtype) ? dtype : anyFloats ? OTHER_FLOATS.get(dtype) : undefined;
  if (dataType === undefined) {
    const known = [...Object.keys(DATA_TYPES), ...(anyFloats ? OTHER_FLOATS.keys() : [])].join(', ');
    throw new FormatError(file, `tensor "${name}" has type ${dtype}; only ${known} can be read`);
  }
  if (begin > end) throw new FormatError(file, `tensor "${name}" ends at byte ${end}, before its begin at ${begin}`);
  const expected = sizeOf(shape) * (isDataType(dataType) ? DATA_TYPES[dataType].bytes : FLOAT_BYTES[dataType]);
  if (end - begin !== expected) {
    const place = `${end - begin} bytes for shape [${shape.join(', ')}] of ${dtype}`;
    throw new FormatError(file, `tensor "${name}" has ${place}, which needs ${expected}`);
  }
  return { name, dataType, shape, begin, end };
}

function isDataType(text: string): text is DataType {
  return Object.hasOwn(DATA_TYPES, text);
}

/** The tensors must lie side by side and fill the rest of the file, in any order. */
function checkLayout(entries: readonly Entry[], dataBytes: number, file: string): void {
  let position = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== position) {
      throw new FormatError(file, `tensor "${name}" begins at byte ${begin} of the data, expected ${position}`);
    }
    position = end;
  }
  if (position !== dataBytes) {
    const state = position > dataBytes ? 'cut off' : 'too long';
    throw new FormatError(file, `${state}: the tensors take ${position} bytes, the file has ${dataBytes} for them`);
  }
}

function tensorAt(data: Uint8Array, { name, dataType, shape, begin, end }: Entry, file: string): HostTensor {
  if (!isDataType(dataType)) return { type: 'float32', data: float32Of(data.subarray(begin, end), dataType), shape };
  const { type, bytes, array } = DATA_TYPES[dataType];
  const aligned = (data.byteOffset + begin) % bytes === 0;
  const source = aligned ? data.subarray(begin, end) : data.slice(begin, end);
  // Typed arrays have the byte order of the machine; every platform that JavaScript runs on today is little-endian.
  const elements = new array(source.buffer, source.byteOffset, (end - begin) / bytes);
  if (type === 'bool' && source.some((value) => value > 1)) {
    throw new FormatError(file, `tensor "${name}" of BOOL holds a byte that is neither 0 nor 1`);
  }
  return { type, data: elements, shape };
}

function checkStorable(name: string, tensor: HostTensor, header: ReadonlyMap<string, unknown>): void {
  if (name === METADATA_KEY || FORBIDDEN_NAMES.has(name)) throw unstorable(name, 'the name cannot be used');
  if (header.has(name)) throw unstorable(name, 'given twice');
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw unstorable(name, `${tensor.data.length} values do not fill shape [${tensor.shape.join(', ')}]`);
  }
}

function unstorable(name: string, reason: string): FormatError {
  return new FormatError('<new safetensors file>', `tensor "${name}": ${reason}`);
}

/** Length and header in one chunk; spaces after the header bring the data to a multiple of eight bytes. */
function encodeHeader(header: Record<string, unknown>): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.byteLength / 8) * 8;
  const chunk = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(chunk.buffer).setBigUint64(0, BigInt(length), true);
  chunk.set(json, LENGTH_BYTES);
  return chunk;
}

function bytesOf(data: HostTensor['data']): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
