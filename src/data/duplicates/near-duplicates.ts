import { PictureError } from '../../base/errors.js';
import type { Problem } from '../sample.js';
import { DisjointSets } from './disjoint-sets.js';
import { takeFingerprints } from './fingerprint.js';
import type { Fingerprint } from './fingerprint.js';
import { HashIndex } from './hash-index.js';

/**
 * The least correlation of two pictures, both 32 × 32 and grey, that counts as the same picture. On aligned faces, the
 * hardest case since all look alike at that size, different faces begin to come in below it: see docs/splits.md.
 */
export const SAME_PICTURE = 0.965;

/** Standard deviation in grey levels below which a picture is as good as blank and resembles any other such. */
const BLANK = 2;

/**
 * Grey level up to which a pixel counts as black. Aligned faces have black around them where their photos end, and what is
 * black in both would make different faces correlate.
 */
const BLACK = 8;

/** Pairs that are listed for one picture at most, so that 10,000 copies do not make 50 million pairs. */
const MOST_PAIRS = 16;

/** Two pictures that are the same, by their places in a list. */
export interface DuplicatePair {
  readonly first: number;
  /** Larger than `first`. */
  readonly second: number;
  /** Whether the files hold the same bytes. */
  readonly exact: boolean;
  /** Correlation of the grey pictures at 32 × 32, up to 1. */
  readonly similarity: number;
}

/**
 * Finds the pictures that are the same but for scaling, compression, brightness, contrast, lost colours or small marks.
 * Mirrored, turned and cut pictures count as others. Candidates are found by a perceptual hash and compared by their
 * pixels.
 *
 * Each file that repeats the bytes of others is paired with the first of them. Of near copies all pairs are given, but
 * for a picture with more than 16 such, where the rest is left out that is linked by other pairs.
 * @param fingerprints pictures that could not be read may be left `undefined`.
 * @returns the pairs in the order of `second`, then `first`.
 */
export function findDuplicatePairs(fingerprints: readonly (Fingerprint | undefined)[]): DuplicatePair[] {
  const pairs: DuplicatePair[] = [];
  const joined = new DisjointSets(fingerprints.length);
  const firstOf = new Map<string, number>();
  const index = new HashIndex();
  const indexed: number[] = [];
  for (const [second, fingerprint] of fingerprints.entries()) {
    if (fingerprint === undefined) continue;
    const original = firstOf.get(fingerprint.digest);
    if (original !== undefined) {
      pairs.push({ first: original, second, exact: true, similarity: 1 });
      continue;
    }
    firstOf.set(fingerprint.digest, second);
    if (isBlank(fingerprint.grey)) continue;
    let found = 0;
    for (const first of index.near(fingerprint.hash).map((item) => indexed[item]!)) {
      if (found >= MOST_PAIRS && joined.find(first) === joined.find(second)) continue;
      const similarity = correlation(fingerprints[first]!.grey, fingerprint.grey);
      if (similarity < SAME_PICTURE || contentCorrelation(fingerprints[first]!.grey, fingerprint.grey) < SAME_PICTURE) continue;
      pairs.push({ first, second, exact: false, similarity });
      joined.join(first, second);
      found++;
    }
    index.add(fingerprint.hash);
    indexed.push(second);
  }
  return pairs;
}

/** The correlation of what is not black in both pictures. */
function contentCorrelation(a: Uint8Array, b: Uint8Array): number {
  const isContent = (_: number, index: number): boolean => a[index]! > BLACK || b[index]! > BLACK;
  return correlation(a.filter(isContent), b.filter(isContent));
}

/** Pearson's correlation of the values of two pictures; no brightness and no contrast matters to it. */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index]! - meanA, b[index]! - meanB];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

function isBlank(grey: Uint8Array): boolean {
  const centre = mean(grey);
  const variance = grey.reduce((sum, value) => sum + (value - centre) ** 2, 0) / grey.length;
  return variance < BLANK ** 2;
}

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Two files that show the same picture. */
export interface NearDuplicate {
  readonly file: string;
  readonly other: string;
  /** Whether they hold the same bytes. */
  readonly exact: boolean;
  /** Correlation of the grey pictures at 32 × 32, 0.965 to 1. */
  readonly similarity: number;
}

/** What {@link findNearDuplicates} finds. */
export interface NearDuplicates {
  readonly pairs: readonly NearDuplicate[];
  /** The pictures that cannot be read. */
  readonly problems: readonly Problem[];
}

/**
 * Finds the files that show the same picture, by {@link findDuplicatePairs}.
 * @param onProgress is told how many of the pictures have been read
 */
export async function findNearDuplicates(
  files: readonly string[],
  onProgress?: (done: number, total: number) => void,
): Promise<NearDuplicates> {
  const { pairs, problems } = await compareFiles(files, onProgress);
  return {
    pairs: pairs.map(({ first, second, exact, similarity }) => ({
      ...{ file: files[second]!, other: files[first]!, exact, similarity },
    })),
    problems,
  };
}

/** What is known of files after all of them have been read and compared. */
export interface ComparedFiles {
  /** Of each file; where it cannot be read, why. */
  readonly fingerprints: readonly (Fingerprint | PictureError)[];
  readonly pairs: readonly DuplicatePair[];
  /** The pictures that cannot be read. */
  readonly problems: readonly Problem[];
}

/**
 * Reads files and compares all that can be read, by {@link findDuplicatePairs}.
 * @param onProgress is told how many of the pictures have been read
 */
export async function compareFiles(
  files: readonly string[],
  onProgress?: (done: number, total: number) => void,
): Promise<ComparedFiles> {
  const fingerprints = await takeFingerprints(files, onProgress);
  const readable = fingerprints.map((result) => (result instanceof PictureError ? undefined : result));
  const failures = fingerprints.filter((result) => result instanceof PictureError);
  const problems = failures.map(({ file, reason }) => ({ file, reason }));
  return { fingerprints, pairs: findDuplicatePairs(readable), problems };
}
