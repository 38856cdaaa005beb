import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../base/errors.js';
import { decodeText, readTextFile } from './text-file.js';

const TEXT = 'file,age\nJosé.jpg,3\n';

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

describe('decodeText', () => {
  it('reads UTF-8 and UTF-16 and leaves out the byte order mark', () => {
    expect(decodeText(Buffer.from(TEXT))).toBe(TEXT);
    expect(decodeText(Buffer.from(`\uFEFF${TEXT}`))).toBe(TEXT);
    expect(decodeText(Buffer.from(`\uFEFF${TEXT}`, 'utf16le'))).toBe(TEXT);
    expect(decodeText(swapped(Buffer.from(`\uFEFF${TEXT}`, 'utf16le')))).toBe(TEXT);
  });

  it('reads Windows-1252, line by line', () => {
    expect(decodeText(Buffer.from(TEXT, 'latin1'))).toBe(TEXT);
    expect(decodeText(Uint8Array.of(0x80, 0x9f, 0x0d, 0x0a, 0xe9))).toBe('€Ÿ\r\né');
    const mixed = Buffer.concat([Buffer.from('Zoë\n'), Buffer.from('Zoë\n', 'latin1'), Buffer.from('Zoë')]);
    expect(decodeText(mixed)).toBe('Zoë\nZoë\nZoë');
  });

  it('reads every text that was written in UTF-8, and fails on no bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.startsWith('\uFEFF'));
        expect(decodeText(Buffer.from(text))).toBe(text);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof decodeText(bytes) === 'string'));
  });
});

it('readTextFile says which file cannot be read', async () => {
  await expect(readTextFile('/no/such/file.csv')).rejects.toThrow(FileError);
  await expect(readTextFile('/no/such/file.csv')).rejects.toThrow('/no/such/file.csv: cannot be read: no such file');
});
