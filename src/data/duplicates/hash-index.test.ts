import { expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../../base/random.js';
import { HashIndex, LARGEST_DISTANCE } from './hash-index.js';
import { hammingDistance } from './perceptual-hash.js';
import type { PerceptualHash } from './perceptual-hash.js';

const random = randomStream(2, PURPOSE.shuffle);

function flipBits(hash: PerceptualHash, count: number): PerceptualHash {
  const halves = [...hash] as [number, number];
  const bits = random.shuffle(Array.from({ length: 64 }, (_, bit) => bit)).slice(0, count);
  for (const bit of bits) halves[bit >> 5] = (halves[bit >> 5]! ^ (1 << (bit & 31))) >>> 0;
  return halves;
}

it('finds exactly what differs in at most 11 bits, wherever the bits lie', () => {
  expect(LARGEST_DISTANCE).toBe(11);
  const centres = Array.from({ length: 20 }, (): PerceptualHash => [random.word(), random.word()]);
  const hashes = Array.from({ length: 600 }, (_, index) => flipBits(centres[index % 20]!, index % 15));
  const index = new HashIndex();
  for (const hash of hashes) index.add(hash);
  for (const centre of centres) {
    const near = hashes.flatMap((hash, item) => (hammingDistance(hash, centre) <= 11 ? [item] : []));
    expect(near.length).toBeGreaterThanOrEqual(20);
    expect(index.near(centre)).toEqual(near);
  }
});
