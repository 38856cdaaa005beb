/** Which of some pictures are near copies of each other, looked for once per run. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { FileError, PictureError } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import { takeFingerprints } from '../data/duplicates/fingerprint.js';
import { findDuplicatePairs } from '../data/duplicates/near-duplicates.js';
import type { RunFolder } from '../training/run-folder.js';

const index = z.int().nonnegative();
const foundSchema = z.object({ pairs: z.array(z.tuple([index, index])), unread: z.array(index) });

/** What was found among a list of pictures, by their places in it. */
export type FoundCopies = z.infer<typeof foundSchema>;

/** By a digest of the list of pictures. */
const cacheSchema = z.record(z.string(), foundSchema);
/** Lists that are remembered: a run is measured on few data sets. */
const MOST_LISTS = 8;
/** Changes when the way in which copies are found does. */
const VERSION = 1;

/**
 * The pairs of pictures that are near copies, as {@link findDuplicatePairs} finds them, and those that cannot be read.
 * All are read for it, which takes about 3 ms per small picture and core; the result is kept in the run and holds as long
 * as no file changes its size or time.
 * @param onProgress is told how many have been read
 */
export async function findNearCopies(
  run: RunFolder,
  files: readonly string[],
  onProgress: (done: number, total: number) => void,
): Promise<FoundCopies> {
  const key = await digestOf(files);
  const cache = await readCache(run);
  const known = cache[key];
  if (known !== undefined && isWithin(known, files.length)) return known;
  const fingerprints = await takeFingerprints(files, onProgress);
  const readable = fingerprints.map((result) => (result instanceof PictureError ? undefined : result));
  const found: FoundCopies = {
    pairs: findDuplicatePairs(readable).map(({ first, second }) => [first, second]),
    unread: [...readable.keys()].filter((place) => readable[place] === undefined),
  };
  const others = Object.entries(cache).filter(([other]) => other !== key);
  await writeCache(run, Object.fromEntries([...others.slice(1 - MOST_LISTS), [key, found]]));
  return found;
}

/** SHA-256 over paths, sizes and times of change. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`near copies ${VERSION}`);
  for (const file of files) {
    const status = await stat(file).catch(() => undefined);
    hash.update(JSON.stringify([file, status?.size, status?.mtimeMs]));
  }
  return hash.digest('hex');
}

/** What is damaged is made again. */
async function readCache(run: RunFolder): Promise<z.infer<typeof cacheSchema>> {
  const bytes = await readFileIfPresent(run.nearCopiesFile);
  try {
    return cacheSchema.parse(JSON.parse(bytes?.toString('utf8') ?? '{}'));
  } catch {
    return {};
  }
}

/** A run that cannot be written to can be measured all the same. */
async function writeCache(run: RunFolder, cache: z.infer<typeof cacheSchema>): Promise<void> {
  try {
    await writeFileAtomic(run.nearCopiesFile, `${JSON.stringify(cache)}\n`);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}

function isWithin({ pairs, unread }: FoundCopies, count: number): boolean {
  return [...pairs.flat(), ...unread].every((place) => place < count);
}
