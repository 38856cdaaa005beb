import { join } from 'node:path';
import { z } from 'zod';
import { cleanTemporaryFiles, makeFolder } from '../base/files.node.js';
import type { Faithfulness, FaithfulnessOptions } from '../evaluation/faithfulness/measure.js';
import { measureFaithfulness } from '../evaluation/faithfulness/measure.js';
import { outcomeSchema } from '../evaluation/faithfulness/outcome.js';
import { withLock } from '../training/run-lock.js';
import { Journal } from './journal.js';

const lineSchema = z.object({ key: z.string(), outcome: outcomeSchema });

/**
 * Measures faithfulness as `measureFaithfulness` does, and keeps what is measured on each picture in `faithfulness.jsonl` of a
 * folder. Called again, it goes on where it was stopped or killed, and measures only what has changed: pictures, weights,
 * method, layer or band.
 * @throws {ConfigError} when another process works in the folder
 * @throws {FileError} when it cannot be made or written
 * @throws as `measureFaithfulness`
 */
export async function measureFaithfulnessIn(
  folder: string,
  run: string,
  data: string,
  options: FaithfulnessOptions = {},
  onProgress?: (done: number, total: number) => void,
): Promise<Faithfulness> {
  await makeFolder(folder);
  const release = await withLock(folder, async (unlock) => {
    await cleanTemporaryFiles(folder);
    return unlock;
  });
  try {
    const known = new Map<string, z.infer<typeof outcomeSchema>>();
    const journal = await Journal.open(join(folder, 'faithfulness.jsonl'), lineSchema, ({ key, outcome }) => known.set(key, outcome));
    try {
      return await measureFaithfulness(run, data, options, onProgress, {
        get: (key) => known.get(key),
        add: (key, outcome) => journal.append({ key, outcome }),
      });
    } finally {
      await journal.close();
    }
  } finally {
    release();
  }
}
