/** What a run keeps of pictures that were looked at, so that they need not be looked at again until one changes. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { z } from 'zod';
import { FileError } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import { parseJson } from '../base/json.js';

/**
 * SHA-256 over what is asked of pictures, and over each picture with the size of its file and the time of its last change.
 * @param about what else the answer depends on
 */
export async function pictureDigest(about: unknown, pictures: readonly { readonly file: string }[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(about));
  const states = await Promise.all(pictures.map(({ file }) => stat(file).catch(() => undefined)));
  pictures.forEach((picture, index) => {
    hash.update(JSON.stringify([picture, states[index]?.size, states[index]?.mtimeMs]));
  });
  return hash.digest('hex');
}

/** What was kept; undefined when there is nothing, or it is damaged. */
export async function readCache<Content>(path: string, schema: z.ZodType<Content>): Promise<Content | undefined> {
  const bytes = await readFileIfPresent(path);
  return schema.safeParse(parseJson(bytes?.toString('utf8'))).data;
}

/** Keeps something. A run that cannot be written to can be measured all the same. */
export async function writeCache(path: string, content: string): Promise<void> {
  try {
    await writeFileAtomic(path, content);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}
