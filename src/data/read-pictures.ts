import { availableParallelism } from 'node:os';
import { PictureError } from '../base/errors.js';
import { decodePicture } from '../images/decode.node.js';
import type { PictureCache } from './picture-cache.js';
import type { Problem, Sample } from './sample.js';

/** Which pictures can be read, and why the others cannot. */
export interface ReadPictures {
  /** Indices of the samples whose pictures can be read, ascending. */
  readable: Int32Array<ArrayBuffer>;
  problems: Problem[];
}

/**
 * Decodes every picture at a size of `imageSize` × `imageSize`, as many at a time as there are cores, and puts them
 * into the cache as far as they find a place.
 */
export async function readPictures(
  samples: readonly Sample[],
  imageSize: number,
  cache: PictureCache,
  onProgress?: (done: number, total: number) => void,
): Promise<ReadPictures> {
  const failures = new Map<number, PictureError>();
  const queue = samples.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [index, { file }] of queue) {
      try {
        cache.set(index, await decodePicture(file, { width: imageSize, height: imageSize }));
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        failures.set(index, error);
      }
      onProgress?.(++done, samples.length);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const readable = Int32Array.from(samples.keys()).filter((index) => !failures.has(index));
  const failed = [...failures].sort(([a], [b]) => a - b);
  return { readable, problems: failed.map(([, { file, reason }]) => ({ file, reason })) };
}
