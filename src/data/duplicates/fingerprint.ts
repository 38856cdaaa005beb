import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { PictureError } from '../../base/errors.js';
import { decodePicture, pictureSize, readPictureFile } from '../../images/decode.node.js';
import type { Picture } from '../../images/picture.js';
import { HASHED_SIZE, perceptualHash } from './perceptual-hash.js';
import type { PerceptualHash } from './perceptual-hash.js';

/** What is kept of a picture to find it again. */
export interface Fingerprint {
  /** Pixels of the picture in its file. */
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the bytes of the file, in hexadecimal. */
  readonly digest: string;
  /** The picture squashed to 32 × 32, luma, 0..255. */
  readonly grey: Uint8Array;
  readonly hash: PerceptualHash;
}

/**
 * Reads and decodes a picture once for all that is compared.
 * @throws {PictureError} when it cannot be read.
 */
export async function takeFingerprint(file: string): Promise<Fingerprint> {
  const status = await stat(file).catch(() => undefined);
  // A pipe or a device would be read for ever.
  if (status !== undefined && !status.isFile()) throw new PictureError(file, 'not a file');
  const bytes = await readPictureFile(file);
  try {
    const grey = lumaOf(await decodePicture(bytes, { width: HASHED_SIZE, height: HASHED_SIZE }));
    const digest = createHash('sha256').update(bytes).digest('hex');
    return { ...(await pictureSize(bytes)), digest, grey, hash: perceptualHash(grey) };
  } catch (error) {
    // The decoder knows the bytes alone.
    throw error instanceof PictureError ? new PictureError(file, error.reason, { cause: error }) : error;
  }
}

/**
 * The fingerprints of many pictures, as many at a time as there are cores; in the place of a picture that cannot be
 * read stands the reason. About a kilobyte is kept of each.
 */
export async function takeFingerprints(
  files: readonly string[],
  onProgress?: (done: number, total: number) => void,
): Promise<(Fingerprint | PictureError)[]> {
  const results = new Array<Fingerprint | PictureError>(files.length);
  const queue = files.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [index, file] of queue) {
      results[index] = await fingerprintOrError(file);
      onProgress?.(++done, files.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

async function fingerprintOrError(file: string): Promise<Fingerprint | PictureError> {
  try {
    return await takeFingerprint(file);
  } catch (error) {
    if (error instanceof PictureError) return error;
    throw error;
  }
}

/** Luma of ITU-R BT.601, one byte per pixel. */
function lumaOf({ data, width, height }: Picture): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let pixel = 0, source = 0; pixel < luma.length; pixel++, source += 3) {
    luma[pixel] = Math.round(0.299 * data[source]! + 0.587 * data[source + 1]! + 0.114 * data[source + 2]!);
  }
  return luma;
}
