import { describe, expect, it } from 'vitest';
import { crc32c, frameRecord } from './tfrecord.js';

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
  it.each([
    ['32 bytes of zero', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of one bits', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising bytes', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['falling bytes', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['the digits 1 to 9', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('of %s', (_, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});

describe('frameRecord', () => {
  it('frames as TensorFlow does', () => {
    // The first record of event files: 24 bytes, length checksum a37f4b22.
    const record = Buffer.from(frameRecord(new Uint8Array(24)));
    expect(record.subarray(0, 12).toString('hex')).toBe('1800000000000000a37f4b22');
    expect(record.length).toBe(40);
  });
});
