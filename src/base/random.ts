/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A stream is named by its keys, so that number k of a stream depends on nothing else: not on the thread that draws it,
 * nor on what was drawn before. That makes augmentation, dropout and shuffling reproducible and resumable.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Writes the four 32-bit words of block `counter` under `key` to `out`. */
export function philox4x32(counter: Uint32Array, key: Uint32Array, out: Uint32Array): void {
  let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number];
  let [k0, k1] = key as unknown as [number, number];
  for (let round = 0; round < ROUNDS; round++) {
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** A stream of random numbers. */
export class RandomStream {
  readonly #counter: Uint32Array;
  readonly #key: Uint32Array;
  readonly #block = new Uint32Array(4);
  #position = 4;
  #spareNormal: number | undefined;

  constructor(key: Uint32Array, counter: Uint32Array) {
    this.#key = key;
    this.#counter = counter;
  }

  /** An unsigned 32-bit integer. */
  word(): number {
    if (this.#position === 4) {
      philox4x32(this.#counter, this.#key, this.#block);
      this.#counter[0] = this.#counter[0]! + 1;
      this.#position = 0;
    }
    return this.#block[this.#position++]!;
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.word() / 0x100000000;
  }

  /** A number in [low, high). */
  uniformBetween(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer in [0, bound), bound at most 2^32. */
  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** A number from the standard normal distribution (Box & Muller 1958). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles in place (Fisher & Yates) and returns the same array. */
  shuffle<Items extends { length: number; [index: number]: unknown }>(items: Items): Items {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }
}

/**
 * The stream named by a seed and up to four keys (unsigned 32-bit integers), for instance
 * `randomStream(seed, PURPOSE.augment, epoch, sample)`. A stream holds 2^34 numbers.
 */
export function randomStream(seed: number, ...keys: number[]): RandomStream {
  if (keys.length > 4) throw new RangeError(`randomStream: at most four keys, got ${keys.length}`);
  const [purpose = 0, first = 0, second = 0, third = 0] = keys;
  return new RandomStream(Uint32Array.of(seed, purpose), Uint32Array.of(0, first, second, third));
}

/** Purposes of random streams: the first key, so that no two uses share numbers. */
export const PURPOSE = {
  ...{ initialise: 1, shuffle: 2, augment: 3, dropout: 4, split: 5, bootstrap: 6, sweep: 7, explain: 8 },
} as const;
