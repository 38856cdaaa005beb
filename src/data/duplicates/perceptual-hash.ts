/** Width and height in pixels of the grey pictures that are hashed. */
export const HASHED_SIZE = 32;

/** Frequencies per axis that make the hash: 8 · 8 = 64 bits. */
const FREQUENCIES = 8;

/** A 64-bit perceptual hash as two unsigned 32-bit halves. */
export type PerceptualHash = readonly [high: number, low: number];

/**
 * Rows 1 to 8 of the discrete cosine transform (DCT-II) of 32 values: [8, 32]. Row 0, the mean, is left out, as in
 * pHash; hence the hash does not change with the brightness.
 */
const COSINES = Float64Array.from({ length: FREQUENCIES * HASHED_SIZE }, (_, index) => {
  const frequency = Math.floor(index / HASHED_SIZE) + 1;
  const place = index % HASHED_SIZE;
  return Math.cos((Math.PI * frequency * (2 * place + 1)) / (2 * HASHED_SIZE));
});

/**
 * The DCT hash of a picture (`ph_dct_imagehash` of pHash; Zauner 2010, "Implementation and Benchmarking of Perceptual
 * Image Hash Functions", section 3.2.1): a bit for each of the 64 lowest frequencies that vary along both axes, set
 * where its coefficient is above the median. A mirrored picture has the signs of every other column reversed and so
 * another hash.
 * @param grey [32, 32], any range
 */
export function perceptualHash(grey: ArrayLike<number>): PerceptualHash {
  const coefficients = lowFrequencies(grey);
  const sorted = coefficients.toSorted();
  const median = (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  return [bitsOf(coefficients.subarray(0, 32), median), bitsOf(coefficients.subarray(32), median)];
}

/** Coefficients [8, 8] of the frequencies 1 to 8 along both axes. */
function lowFrequencies(grey: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(HASHED_SIZE * FREQUENCIES);
  for (let y = 0; y < HASHED_SIZE; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let x = 0; x < HASHED_SIZE; x++) sum += COSINES[u * HASHED_SIZE + x]! * grey[y * HASHED_SIZE + x]!;
      rows[y * FREQUENCIES + u] = sum;
    }
  }
  const coefficients = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < HASHED_SIZE; y++) sum += COSINES[v * HASHED_SIZE + y]! * rows[y * FREQUENCIES + u]!;
      coefficients[v * FREQUENCIES + u] = sum;
    }
  }
  return coefficients;
}

function bitsOf(coefficients: Float64Array, median: number): number {
  return coefficients.reduce((bits, value) => (bits << 1) | Number(value > median), 0) >>> 0;
}

/** The number of bits in which two hashes differ, 0 to 64. */
export function hammingDistance(a: PerceptualHash, b: PerceptualHash): number {
  return bitCount(a[0] ^ b[0]) + bitCount(a[1] ^ b[1]);
}

/** The number of ones among 32 bits (Warren, "Hacker's Delight", section 5-1). */
function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  count = (count + (count >>> 4)) & 0x0f0f0f0f;
  return Math.imul(count, 0x01010101) >>> 24;
}
