import { describe, expect, it } from 'vitest';
import { drawing } from '../../test/support/pictures.js';
import { pictureTypeOf } from './picture-type.js';

describe('pictureTypeOf', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('knows %s', async (format) => {
    expect(pictureTypeOf(await drawing(1, 32).toFormat(format).toBuffer())).toBe(format);
  });

  it('tells HEIC from AVIF, which is packed alike', () => {
    const file = (...brands: string[]): Uint8Array => Buffer.from(`\0\0\0\x1cftyp${brands[0]!}\0\0\0\0${brands.slice(1).join('')}`, 'latin1');
    expect(pictureTypeOf(file('heic', 'mif1', 'heic'))).toBe('heic');
    expect(pictureTypeOf(file('mif1', 'heic', 'miaf'))).toBe('heic');
    expect(pictureTypeOf(file('mif1', 'avif', 'miaf'))).toBe('avif');
    expect(pictureTypeOf(file('isom', 'iso2', 'mp41'))).toBeUndefined();
  });

  it.each(['', '<svg xmlns="http://www.w3.org/2000/svg"/>', '<?xml version="1.0"?><svg/>', '%PDF-1.7', 'BM6', '\xff\xd8', 'RIFF1234WAVE'])(
    'does not take %j for a picture',
    (text) => {
      expect(pictureTypeOf(Buffer.from(text, 'latin1'))).toBeUndefined();
    },
  );
});
