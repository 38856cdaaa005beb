import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../base/errors.js';
import { listZip, unzip, zip } from './zip.js';

const files = { 'a.txt': Uint8Array.of(1, 2, 3), 'b/c.bin': new Uint8Array(500).fill(7) };

it('listZip tells what an archive holds', () => {
  expect(listZip(zip(files), 'x')).toEqual([
    { name: 'a.txt', size: 3, isCompressed: false },
    { name: 'b/c.bin', size: 500, isCompressed: false },
  ]);
  expect(listZip(zipSync(files, { level: 9 }), 'x')[1]).toMatchObject({ size: 500, isCompressed: true });
  expect(() => listZip(zip(files).slice(0, -30), 'x')).toThrow(FormatError);
});

describe('unzip', () => {
  it('gives back what zip packed, and what others compressed', () => {
    expect(unzip(zip(files), ['a.txt', 'b/c.bin'], 'x')).toEqual(files);
    expect(unzip(zipSync(files, { level: 9 }), ['b/c.bin'], 'x')).toEqual({ 'b/c.bin': files['b/c.bin'] });
  });

  it('names the file that is missing', () => {
    expect(() => unzip(zip(files), ['a.txt', 'd'], 'x.keras')).toThrow(FormatError);
    expect(() => unzip(zip(files), ['a.txt', 'd'], 'x.keras')).toThrow('x.keras: is a zip archive without d');
  });

  it('does not unpack a bomb', () => {
    const bomb = zipSync({ bomb: new Uint8Array(20e6) }, { level: 9 });
    expect(bomb.length).toBeLessThan(20e6 / 100);
    expect(() => unzip(bomb, ['bomb'], 'x')).toThrow('it would unpack to 20000000 bytes');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['noise', Uint8Array.from({ length: 200 }, (_, index) => (index * 7919) % 256)],
    ['an archive that is cut off', zip(files).slice(0, -30)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => unzip(bytes, ['a.txt'], 'x')).toThrow(FormatError);
  });
});
