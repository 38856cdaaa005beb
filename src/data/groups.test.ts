import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupIndices } from './groups.js';

describe('groupIndices', () => {
  it('joins by key, by pair, and through both', () => {
    expect(groupIndices(['a', undefined, 'b', 'a', undefined, 'c', 'b'])).toEqual([[0, 3], [1], [2, 6], [4], [5]]);
    expect(
      groupIndices(
        ['a', undefined, 'b', 'a', undefined, 'c', 'b'],
        [
          [3, 4],
          [6, 4],
        ],
      ),
    ).toEqual([[0, 2, 3, 4, 6], [1], [5]]);
    expect(groupIndices([])).toEqual([]);
  });

  it('holds every index once, and both ends of each pair and all of each key together', () => {
    const keys = fc.array(fc.option(fc.nat(20).map(String), { nil: undefined }), { minLength: 1, maxLength: 80 });
    const pairs = fc.array(fc.tuple(fc.nat(79), fc.nat(79)), { maxLength: 30 });
    fc.assert(
      fc.property(keys, pairs, (keys, allPairs) => {
        const pairs = allPairs.filter(([a, b]) => a < keys.length && b < keys.length);
        const groups = groupIndices(keys, pairs);
        expect(groups.flat().sort((a, b) => a - b)).toEqual([...keys.keys()]);
        const groupOf = new Map(groups.flatMap((group, number) => group.map((index) => [index, number])));
        for (const [a, b] of pairs) expect(groupOf.get(a)).toBe(groupOf.get(b));
        keys.forEach((key, index) => {
          if (key !== undefined) expect(groupOf.get(index)).toBe(groupOf.get(keys.indexOf(key)));
        });
      }),
      { seed: 1 },
    );
  });
});
