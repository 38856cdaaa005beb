import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cropStems } from './names.js';

describe('cropStems', () => {
  it('leaves the ending away', () => {
    expect(cropStems(['a.jpeg', 'b/c.d.png', 'b/.e.webp'], '.jpg')).toEqual(['a', 'b/c.d', 'b/.e']);
  });

  it('keeps the endings of files that would get the same name', () => {
    expect(cropStems(['x/a.jpg', 'x/a.png', 'y/a.png'], '.jpg')).toEqual(['x/a.jpg', 'x/a.png', 'y/a']);
  });

  it('leaves a name to the file that has it alone', () => {
    expect(cropStems(['a.jpg', 'a.png', 'a.png.webp'], '.jpg')).toEqual(['a.jpg', 'a.png~2', 'a.png']);
  });

  it('takes capitals and small letters, and both ways to write an umlaut, for the same', () => {
    expect(cropStems(['a.jpg', 'A.jpg'], '.jpg')).toEqual(['a.jpg', 'A.jpg~2']);
    expect(cropStems(['\u00e4.jpg', 'a\u0308.jpg'], '.jpg')).toEqual(['\u00e4.jpg', 'a\u0308.jpg~2']);
  });

  it('does not put a crop in the place of a folder', () => {
    expect(cropStems(['a.png', 'a.jpg/b.png', 'c.png', 'c-2.jpg/d/e.png'], '.jpg')).toEqual([
      'a.png',
      'a.jpg/b',
      'c.png',
      'c-2.jpg/d/e',
    ]);
  });

  it('gives each file a name of its own, whatever they are called', () => {
    const part = fc.constantFrom('a', 'A', 'a.png', 'a.jpg', 'a~2', 'a-1');
    const name = fc.tuple(fc.array(part, { maxLength: 2 }), part, fc.constantFrom('.jpg', '.png', '.JPG')).map(
      ([folders, stem, ending]) => [...folders, stem + ending].join('/'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (files) => {
        const stems = cropStems(files, '.jpg').map((stem) => stem.toLowerCase());
        expect(new Set(stems).size).toBe(files.length);
      }),
    );
  });
});
