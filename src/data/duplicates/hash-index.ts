import { hammingDistance } from './perceptual-hash.js';
import type { PerceptualHash } from './perceptual-hash.js';

const BLOCKS = 4;
const BLOCK_BITS = 16;
/** In a block of 16 bits, all others that differ from it in at most two places: 1 + 16 + 120 masks. */
const BLOCK_RADIUS = 2;
const MASKS = masksUpTo(BLOCK_RADIUS);

/** The largest distance that {@link HashIndex} finds: of 12 differing bits, all four blocks may have three. */
export const LARGEST_DISTANCE = BLOCKS * (BLOCK_RADIUS + 1) - 1;

/**
 * Finds hashes near to a given one without comparing it with all (multi-index hashing: Norouzi, Punjani & Fleet 2012,
 * "Fast Search in Hamming Space with Multi-Index Hashing"). A hash is cut into four blocks of 16 bits. Of two hashes
 * that differ in at most 11 bits, one block at least differs in no more than two; so it is enough to look up the 137
 * neighbours of each block.
 */
export class HashIndex {
  readonly #hashes: PerceptualHash[] = [];
  readonly #tables = Array.from({ length: BLOCKS }, () => new Map<number, number[]>());

  /** Adds a hash; they are counted from 0. */
  add(hash: PerceptualHash): void {
    const item = this.#hashes.push(hash) - 1;
    blocksOf(hash).forEach((block, table) => {
      const items = this.#tables[table]!.get(block);
      if (items === undefined) this.#tables[table]!.set(block, [item]);
      else items.push(item);
    });
  }

  /**
   * The numbers of the hashes in the index that differ from this one in at most {@link LARGEST_DISTANCE} bits,
   * ascending.
   */
  near(hash: PerceptualHash): number[] {
    const found = new Set<number>();
    blocksOf(hash).forEach((block, table) => {
      for (const mask of MASKS) {
        for (const item of this.#tables[table]!.get(block ^ mask) ?? []) {
          if (hammingDistance(this.#hashes[item]!, hash) <= LARGEST_DISTANCE) found.add(item);
        }
      }
    });
    return [...found].sort((a, b) => a - b);
  }
}

function blocksOf([high, low]: PerceptualHash): number[] {
  return [high >>> BLOCK_BITS, high & 0xffff, low >>> BLOCK_BITS, low & 0xffff];
}

/** All masks of a block with at most so many ones. */
function masksUpTo(ones: number): number[] {
  if (ones === 0) return [0];
  const fewer = masksUpTo(ones - 1);
  const more = fewer.flatMap((mask) => Array.from({ length: BLOCK_BITS }, (_, bit) => mask | (1 << bit)));
  return [...new Set([...fewer, ...more])];
}
