/** Which of some pictures are near copies of each other, looked for once per run. */
import { z } from 'zod';
import { PictureError } from '../base/errors.js';
import { takeFingerprints } from '../data/duplicates/fingerprint.js';
import { findDuplicatePairs } from '../data/duplicates/near-duplicates.js';
import type { RunFolder } from '../training/run-folder.js';
import { pictureDigest, readCache, writeCache } from './run-cache.js';

const index = z.int().nonnegative();
const foundSchema = z.object({ pairs: z.array(z.tuple([index, index])), unread: z.array(index) });

/** What was found among a list of pictures, by their places in it. */
export type FoundCopies = z.infer<typeof foundSchema>;

/** By a digest of the list of pictures. */
const cacheSchema = z.record(z.string(), foundSchema);
/** Lists that are remembered: a run is measured on few data sets. */
const MOST_LISTS = 8;
/** Changes when the way in which copies are found does. */
const VERSION = 2;

/**
 * The pairs of pictures that are near copies, as {@link findDuplicatePairs} finds them, and those that cannot be read.
 * All are read for it, which takes about 3 ms per small picture and core; the result is kept in the run and holds as long
 * as no file changes its size or time.
 * @param run undefined where there is none to keep the result in
 * @param onProgress is told how many have been read
 */
export async function findNearCopies(
  run: RunFolder | undefined,
  files: readonly string[],
  onProgress: (done: number, total: number) => void,
): Promise<FoundCopies> {
  if (run === undefined) return await find(files, onProgress);
  const key = await pictureDigest(`near copies ${VERSION}`, files.map((file) => ({ file })));
  const cache = (await readCache(run.nearCopiesFile, cacheSchema)) ?? {};
  const known = cache[key];
  if (known !== undefined && isWithin(known, files.length)) return known;
  const found = await find(files, onProgress);
  const others = Object.entries(cache).filter(([other]) => other !== key);
  const kept = Object.fromEntries([...others.slice(1 - MOST_LISTS), [key, found]]);
  await writeCache(run.nearCopiesFile, `${JSON.stringify(kept)}\n`);
  return found;
}

async function find(files: readonly string[], onProgress: (done: number, total: number) => void): Promise<FoundCopies> {
  const fingerprints = await takeFingerprints(files, onProgress);
  const readable = fingerprints.map((result) => (result instanceof PictureError ? undefined : result));
  return {
    pairs: findDuplicatePairs(readable).map(({ first, second }) => [first, second]),
    unread: [...readable.keys()].filter((place) => readable[place] === undefined),
  };
}

function isWithin({ pairs, unread }: FoundCopies, count: number): boolean {
  return [...pairs.flat(), ...unread].every((place) => place < count);
}
