/** Against what PyTorch makes of the same numbers: test/reference/weight_files.py. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { referenceBytes } from '../../test/support/reference.js';
import { float32Of } from './floats.js';

const digests = JSON.parse(new TextDecoder().decode(referenceBytes('weight-files.json'))) as Record<string, string>;
const everyTwoBytes = new Uint8Array(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits).buffer);

describe('float32Of', () => {
  it.each(['float16', 'bfloat16'] as const)('gives for every number of %s what PyTorch does', (type) => {
    const values = float32Of(everyTwoBytes, type).map((value) => (Number.isNaN(value) ? NaN : value));
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(digests[type]);
  });

  it('takes numbers at any place, and leaves where it can those that are float32', () => {
    const bytes = new Uint8Array(Float32Array.of(0, 1.5, -2).buffer);
    expect(float32Of(bytes.subarray(4), 'float32').buffer).toBe(bytes.buffer);
    const shifted = Buffer.concat([Uint8Array.of(0), bytes]).subarray(1);
    expect(float32Of(shifted, 'float32')).toEqual(Float32Array.of(0, 1.5, -2));
    expect(float32Of(Uint8Array.of(9, 0, 0x3c, 0, 0xc1).subarray(1), 'float16')).toEqual(Float32Array.of(1, -2.5));
    expect(float32Of(new Uint8Array(), 'bfloat16')).toEqual(new Float32Array());
  });
});
