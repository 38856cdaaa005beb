import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FileError } from '../base/errors.js';
import { undoEncoding } from './content-encoding.js';

const PLAIN = Buffer.from('a picture');

describe('undoEncoding', () => {
  it.each<[string | undefined, Uint8Array]>([
    [undefined, PLAIN],
    ['', PLAIN],
    ['identity', PLAIN],
    ['aws-chunked', PLAIN],
    ['gzip', gzipSync(PLAIN)],
    ['GZIP, aws-chunked', gzipSync(PLAIN)],
    ['br', brotliCompressSync(PLAIN)],
    ['gzip, br', brotliCompressSync(gzipSync(PLAIN))],
  ])('undoes %s', async (encoding, bytes) => {
    expect(Buffer.from(await undoEncoding(bytes, encoding, 100, 's3://b/a')).toString()).toBe('a picture');
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['gzip', gzipSync(Buffer.alloc(1e6)), /^s3:\/\/b\/a: has more than the 100 bytes that are fetched$/],
    ['br', brotliCompressSync(Buffer.alloc(1e6)), /has more than the 100 bytes/],
    ['gzip', PLAIN, /^s3:\/\/b\/a: is not gzip, as its Content-Encoding says: incorrect header check$/],
    ['zstd', PLAIN, /has the Content-Encoding zstd, and none but gzip and br are known$/],
  ])('refuses what is not %s or too large', async (encoding, bytes, message) => {
    const attempt = undoEncoding(bytes, encoding, 100, 's3://b/a');
    await expect(attempt).rejects.toThrow(FileError);
    await expect(attempt).rejects.toThrow(message);
  });
});
