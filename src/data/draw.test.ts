import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import { DEFAULT_FRACTIONS, drawParts, foldCounts, splitCounts } from './draw.js';
import { groupIndices } from './groups.js';

describe('splitCounts', () => {
  it('divides each stratum by the fractions', () => {
    const strata = [...Array<number>(10).fill(0), ...Array<number>(7).fill(2)];
    // 7 pictures: 4.2, 1.4 and 1.4, and the one that is left over goes to the largest remainder that comes first.
    expect(splitCounts(strata, DEFAULT_FRACTIONS)).toEqual([
      [6, 0, 4],
      [2, 0, 2],
      [2, 0, 1],
    ]);
    expect(() => splitCounts(strata, { train: 0.6, valid: 0.6, test: -0.2 })).toThrow(ConfigError);
  });
});

describe('foldCounts', () => {
  it('gives what is left over to one fold after the other', () => {
    const strata = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
    expect(foldCounts(strata, 3)).toEqual([
      [2, 1, 1],
      [1, 2, 1],
      [1, 1, 2],
    ]);
  });

  it('keeps folds and strata equal to within one picture', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(8), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 2, max: 9 }),
        (strata, folds) => {
          const counts = foldCounts(strata, folds);
          const spread = (values: number[]): number => Math.max(...values) - Math.min(...values);
          const totals = counts.map((perStratum) => perStratum.reduce((sum, count) => sum + count, 0));
          expect(totals.reduce((sum, total) => sum + total)).toBe(strata.length);
          expect(spread(totals)).toBeLessThanOrEqual(1);
          counts[0]!.forEach((_, stratum) => {
            expect(spread(counts.map((perStratum) => perStratum[stratum]!))).toBeLessThanOrEqual(1);
          });
        },
      ),
      { seed: 1 },
    );
  });
});

describe('drawParts', () => {
  it('sends a group where most is missing', () => {
    const wanted = [
      [3, 0],
      [0, 3],
    ];
    // The group of stratum 1 fits part 1 alone, that of stratum 0 part 0 alone, in whatever order they are taken.
    for (let seed = 0; seed < 5; seed++) {
      const groups = [
        [0, 2, 4],
        [1, 3, 5],
      ];
      expect(drawParts({ groups, strata: [0, 1, 0, 1, 0, 1], wanted, seed })).toEqual([0, 1, 0, 1, 0, 1]);
    }
  });

  it('is exact without groups', () => {
    const strata = Array.from({ length: 50 }, (_, index) => Number(index >= 20));
    const groups = groupIndices(strata.map(() => undefined));
    const parts = drawParts({ groups, strata, wanted: splitCounts(strata, DEFAULT_FRACTIONS), seed: 3 });
    const counts = [0, 1, 2].map((part) => parts.filter((other) => other === part).length);
    expect(counts).toEqual([30, 10, 10]);
  });

  it('gives no part more than its share and a group, and no part less by more than the others have too much', () => {
    const keys = fc.array(fc.nat(40).map(String), { minLength: 20, maxLength: 300 });
    fc.assert(
      fc.property(keys, fc.nat(1000), (keys, seed) => {
        const groups = groupIndices(keys);
        const largest = Math.max(...groups.map(({ length }) => length));
        const strata = keys.map(() => 0);
        const wanted = splitCounts(strata, DEFAULT_FRACTIONS);
        const parts = drawParts({ groups, strata, wanted, seed });
        wanted.forEach(([count], part) => {
          const got = parts.filter((other) => other === part).length;
          expect(got).toBeLessThan(count! + largest);
          expect(got).toBeGreaterThan(count! - 2 * largest);
        });
      }),
      { seed: 1 },
    );
  });
});
