import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafeNames } from './safe-names.js';

const claimAll = (...names: string[]): string[] => {
  const safe = new SafeNames();
  return names.map((name) => safe.claim(name));
};

describe('SafeNames', () => {
  it('keeps what is allowed everywhere', () => {
    const names = ['60+', '0-2', 'a.jpg', 'Grüße 1.jpeg', '(25, 32)'];
    expect(claimAll(...names)).toEqual(names);
  });

  it('changes what some platform does not allow', () => {
    expect(claimAll('a/b:c?.jpg', 'con', 'LPT1.png', '.hidden.jpg', 'end. ', '..', '', 'line\nbreak.jpg')).toEqual([
      'a_b_c_.jpg',
      '_con',
      '_LPT1.png',
      '_hidden.jpg',
      'end',
      '_',
      '_-2',
      'line_break.jpg',
    ]);
  });

  it('numbers names that are the same somewhere', () => {
    expect(claimAll('a.jpg', 'a.jpg', 'A.JPG', 'a-2.jpg')).toEqual(['a.jpg', 'a-2.jpg', 'A-3.JPG', 'a-2-2.jpg']);
    expect(claimAll('\u00e9.jpg', 'e\u0301.jpg')).toEqual(['\u00e9.jpg', '\u00e9-2.jpg']);
  });

  it('shortens long names and keeps their endings', () => {
    const [first, second] = claimAll(`${'ä'.repeat(300)}.jpg`, `${'ä'.repeat(301)}.jpg`);
    expect(first).toBe(`${'ä'.repeat(98)}.jpg`);
    expect(second).toBe(`${'ä'.repeat(98)}-2.jpg`);
  });

  it('never repeats a name and never climbs out of a folder', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 })), (names) => {
        const safe = claimAll(...names, ...names);
        expect(new Set(safe.map((name) => name.toLowerCase())).size).toBe(safe.length);
        for (const name of safe) {
          expect(name).not.toMatch(/[/\\:\0]|^\.|^$|[. ]$/);
          expect(Buffer.byteLength(name)).toBeLessThan(240);
        }
      }),
      { seed: 1 },
    );
  });
});
