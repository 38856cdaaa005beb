import { describe, expect, it } from 'vitest';
import type { RandomStream } from './random.js';
import { philox4x32, PURPOSE, randomStream } from './random.js';

function draw(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

function words(stream: RandomStream, count: number): number[] {
  return draw(count, () => stream.word());
}

/** Mean of the k-th powers. */
function moment(numbers: readonly number[], k: number): number {
  return numbers.reduce((sum, value) => sum + value ** k, 0) / numbers.length;
}

describe('philox4x32', () => {
  // Known answers of Random123, the reference implementation (tests/kat_vectors).
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], block: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      block: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      block: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ])('gives the known answer for counter $counter under key $key', ({ counter, key, block }) => {
    const out = new Uint32Array(4);
    philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
    expect([...out]).toEqual(block);
  });
});

describe('randomStream', () => {
  it('puts seed and purpose into the key, the other keys into the counter, and counts blocks in its first word', () => {
    // Blocks (0, 5, 7, 0) and (1, 5, 7, 0) under key (42, 3), computed with exact integers elsewhere.
    expect(words(randomStream(42, 3, 5, 7), 8)).toEqual([
      0xec497ea3, 0xec74c0b4, 0x53043b57, 0x4aa51716, 0x875ef9e1, 0xfde152d1, 0x7089c89b, 0xadac0482,
    ]);
  });

  it('gives the same numbers for the same keys, whatever else is drawn', () => {
    const alone = words(randomStream(1, PURPOSE.augment, 2, 3), 20);
    const other = randomStream(1, PURPOSE.augment, 2, 4);
    const again = randomStream(1, PURPOSE.augment, 2, 3);
    expect(
      draw(20, () => {
        other.normal();
        return again.word();
      }),
    ).toEqual(alone);
  });

  it('gives other numbers when any key differs', () => {
    const keys = [
      [1, 2, 3, 4, 5],
      [0, 2, 3, 4, 5],
      [1, 0, 3, 4, 5],
      [1, 2, 0, 4, 5],
      [1, 2, 3, 0, 5],
      [1, 2, 3, 4, 0],
    ] as const;
    const drawn = keys.flatMap(([seed, ...rest]) => words(randomStream(seed, ...rest), 100));
    expect(new Set(drawn).size).toBe(600);
  });

  it('takes missing keys as zero and refuses a fifth', () => {
    expect(words(randomStream(9), 4)).toEqual(words(randomStream(9, 0, 0, 0, 0), 4));
    expect(() => randomStream(9, 1, 2, 3, 4, 5)).toThrow('randomStream: at most four keys, got 5');
  });
});

describe('RandomStream', () => {
  it('uniform: words divided by 2^32, in [0, 1), with the moments of the uniform distribution', () => {
    const stream = randomStream(5, 1);
    const numbers = draw(100_000, () => stream.uniform());
    expect(numbers[0]).toBe(randomStream(5, 1).word() / 2 ** 32);
    expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true);
    // Five standard errors: 5 · √(1/12 / 100,000) and 5 · √(4/45 / 100,000).
    expect(Math.abs(moment(numbers, 1) - 1 / 2)).toBeLessThan(0.0046);
    expect(Math.abs(moment(numbers, 2) - 1 / 3)).toBeLessThan(0.0048);
  });

  it('uniformBetween: stretched to the bounds', () => {
    const stream = randomStream(5, 2);
    const reference = randomStream(5, 2);
    for (let i = 0; i < 1000; i++) {
      const number = stream.uniformBetween(-3, 5);
      expect(number).toBe(-3 + 8 * reference.uniform());
      expect(number >= -3 && number < 5).toBe(true);
    }
  });

  it('integer: every value below the bound, equally often', () => {
    const stream = randomStream(5, 3);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]!++;
    // Five standard deviations of a binomial count around 10,000.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(463);
    expect(counts).toHaveLength(7);
    expect(draw(10, () => stream.integer(1))).toEqual(new Array(10).fill(0));
  });

  it('normal: the moments of the standard normal distribution, and neighbours that do not depend on each other', () => {
    const stream = randomStream(5, 4);
    const numbers = draw(100_000, () => stream.normal());
    // Five standard errors each: the variances of the powers are 1, 2, 15 and 96.
    expect(Math.abs(moment(numbers, 1))).toBeLessThan(0.016);
    expect(Math.abs(moment(numbers, 2) - 1)).toBeLessThan(0.023);
    expect(Math.abs(moment(numbers, 3))).toBeLessThan(0.062);
    expect(Math.abs(moment(numbers, 4) - 3)).toBeLessThan(0.155);
    const products = numbers.slice(1).map((value, index) => value * numbers[index]!);
    expect(Math.abs(moment(products, 1))).toBeLessThan(0.016);
  });

  it('shuffle: a permutation in place, and every order of three equally often', () => {
    const items = Uint16Array.from({ length: 1000 }, (_, index) => index);
    const shuffled = randomStream(5, PURPOSE.shuffle).shuffle(items);
    expect(shuffled).toBe(items);
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect([...items].filter((value, index) => value === index).length).toBeLessThan(10);

    const counts: Record<string, number> = {};
    for (let i = 0; i < 12_000; i++) {
      const order = randomStream(5, PURPOSE.shuffle, i).shuffle(['a', 'b', 'c']).join('');
      counts[order] = (counts[order] ?? 0) + 1;
    }
    expect(Object.keys(counts).sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    // Five standard deviations of a binomial count around 2,000.
    for (const count of Object.values(counts)) expect(Math.abs(count - 2000)).toBeLessThan(205);
  });

  it('shuffle: leaves nothing and one item alone', () => {
    const stream = randomStream(5);
    expect(stream.shuffle([])).toEqual([]);
    expect(stream.shuffle(['only'])).toEqual(['only']);
  });
});
