import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../../base/random.js';
import { hammingDistance, HASHED_SIZE, perceptualHash } from './perceptual-hash.js';

const random = randomStream(1, PURPOSE.shuffle);

/**
 * Signs of the 64 frequencies [v, u]. Half of those of even and half of those of odd u are above zero, so that the
 * median is zero, also of the mirrored picture.
 */
const halves = (): number[] => random.shuffle(Array.from({ length: 32 }, (_, index) => (index < 16 ? 1 : -1)));
const [EVEN, ODD] = [halves(), halves()];
const SIGNS = Array.from({ length: 64 }, (_, index) => (index % 2 === 0 ? ODD : EVEN)[index >> 1]!);

/** A picture that is the sum of the cosines of all frequencies from 1 to 8, with these signs. */
function wave(signs: readonly number[]): number[] {
  const cosine = (frequency: number, place: number): number =>
    Math.cos((Math.PI * frequency * (2 * place + 1)) / (2 * HASHED_SIZE));
  return Array.from({ length: HASHED_SIZE ** 2 }, (_, pixel) => {
    const [x, y] = [pixel % HASHED_SIZE, Math.floor(pixel / HASHED_SIZE)];
    return signs.reduce(
      (sum, sign, index) => sum + sign * cosine((index % 8) + 1, x) * cosine(Math.floor(index / 8) + 1, y),
      0,
    );
  });
}

function hashOf(signs: readonly number[]): [number, number] {
  const bits = signs.map((sign) => (sign > 0 ? '1' : '0')).join('');
  return [parseInt(bits.slice(0, 32), 2), parseInt(bits.slice(32), 2)];
}

describe('perceptualHash', () => {
  it('has a bit for the sign of each of the 64 frequencies', () => {
    expect(perceptualHash(wave(SIGNS))).toEqual(hashOf(SIGNS));
    expect(perceptualHash(wave(SIGNS.map((sign) => -sign)))).toEqual(hashOf(SIGNS.map((sign) => -sign)));
  });

  it('changes neither with brightness nor with contrast', () => {
    expect(perceptualHash(wave(SIGNS).map((value) => 0.4 * value + 70))).toEqual(hashOf(SIGNS));
  });

  it('is another for the mirrored picture: odd frequencies change their sign', () => {
    const picture = wave(SIGNS);
    const mirrored = picture.map((_, pixel) => picture[pixel - (pixel % HASHED_SIZE) + 31 - (pixel % HASHED_SIZE)]!);
    expect(perceptualHash(mirrored)).toEqual(hashOf(SIGNS.map((sign, index) => (index % 2 === 0 ? -sign : sign))));
  });
});

describe('hammingDistance', () => {
  it('counts the bits that differ', () => {
    expect(hammingDistance([0, 0], [0, 0])).toBe(0);
    expect(hammingDistance([0b1011, 1], [0b0010, 0])).toBe(3);
    expect(hammingDistance([0xffffffff, 0xffffffff], [0, 0])).toBe(64);
    expect(hammingDistance([0x80000000, 0], [0, 0x80000000])).toBe(2);
  });
});
