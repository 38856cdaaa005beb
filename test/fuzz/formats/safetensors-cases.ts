import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { jsonOf, mutatedValue } from '../values.js';

const LENGTH_BYTES = 8;

/** Files with a header that is JSON and of the length that it says, but does not make sense; texts in it may be JSON, too. */
export function mutatedSafetensors(samples: readonly Uint8Array[]): Arbitrary<Uint8Array> {
  const parts = samples.map((bytes) => {
    const end = LENGTH_BYTES + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    return { header: JSON.parse(Buffer.from(bytes.subarray(LENGTH_BYTES, end)).toString()) as unknown, data: bytes.subarray(end) };
  });
  const headers = parts.map(({ header }) => opened(header));
  return fc.tuple(mutatedValue(headers), fc.nat(parts.length - 1)).map(([header, data]) => {
    const text = Buffer.from(jsonOf(closed(header)));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, parts[data]!.data]);
  });
}

const METADATA = '__metadata__';
const NESTED = 'json:';

/** Turns metadata that are JSON into what they stand for, so that changes reach into them. */
function opened(header: unknown): unknown {
  const { [METADATA]: metadata = {}, ...rest } = header as Record<string, unknown>;
  const entries = Object.entries(metadata as Record<string, string>).map(([key, text]) => {
    const isJson = text.startsWith('{') || text.startsWith('[');
    return isJson ? [`${NESTED}${key}`, JSON.parse(text) as unknown] : [key, text];
  });
  return { [METADATA]: Object.fromEntries(entries) as unknown, ...rest };
}

function closed(header: unknown): unknown {
  if (typeof header !== 'object' || header === null) return header;
  const metadata = (header as Record<string, unknown>)[METADATA];
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return header;
  const entries = Object.entries(metadata).map(([key, value]) =>
    key.startsWith(NESTED) ? [key.slice(NESTED.length), jsonOf(value)] : [key, value as unknown],
  );
  return { ...header, [METADATA]: Object.fromEntries(entries) as unknown };
}
