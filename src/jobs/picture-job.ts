/** Jobs that have one result per picture: the journal, what still holds of it, and what is left to do. */
import type { z } from 'zod';
import { Journal } from './journal.js';
import { ResultFiles } from './queue/result-files.js';
import type { ShardExecutor } from './shards.js';
import { doShards } from './shards.js';

export interface PictureJob<Item, Result> {
  /** The folder of the job, without links in its path. */
  readonly out: string;
  readonly journalFile: string;
  readonly schema: z.ZodType<Result>;
  /** Each picture once. */
  readonly items: readonly Item[];
  /** Whether a result of an earlier call may stay. */
  readonly stillHolds: (result: Result, item: Item) => Promise<boolean>;
  /** Starts what does the items, if there are any. */
  readonly start: () => Promise<ShardExecutor<Item, Result>>;
}

export interface PictureResults<Result> {
  /** In the order of the items, of those that are done. */
  readonly results: readonly Result[];
  /** All results that there have ever been, also those that hold no more. */
  readonly everything: readonly Result[];
  readonly finished: boolean;
  /** Those that this call did. */
  readonly done: number;
  readonly perSecond: number;
}

/**
 * Does what is not done yet.
 * @param onProgress is told how many pictures are done
 * @param signal when aborted, no further picture is begun
 * @throws {FileError} when the journal cannot be written, and what an executor fails with
 */
export async function doPictures<Item extends { readonly file: string }, Result extends { readonly file: string }>(
  job: PictureJob<Item, Result>,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<PictureResults<Result>> {
  const { items, out, schema } = job;
  const fromWorkers = new ResultFiles(out);
  const journal = await Journal.open(job.journalFile, schema);
  try {
    // What workers did after an earlier call had ended; it may have been killed between the journal and the removal.
    const left = await fromWorkers.readAll(schema);
    const names = new Set(left.map(({ file }) => file));
    const known = new Map(journal.entries.filter(({ file }) => names.has(file)).map((result) => [result.file, JSON.stringify(result)]));
    const found = left.filter((result) => known.get(result.file) !== JSON.stringify(result));
    await journal.appendAll(found);
    await fromWorkers.removeAll();
    const everything = [...journal.entries, ...found];
    const held = await holding(job, everything);
    const before = held.size;
    onProgress(before, items.length);
    const start = performance.now();
    for await (const shard of doLeft(job, held, signal)) {
      await journal.appendAll(shard);
      for (const result of shard) held.set(result.file, result);
      onProgress(held.size, items.length);
    }
    const done = held.size - before;
    const finished = held.size === items.length;
    if (finished) await fromWorkers.close();
    const perSecond = done === 0 ? 0 : (1000 * done) / (performance.now() - start);
    return { results: items.flatMap(({ file }) => held.get(file) ?? []), everything, finished, done, perSecond };
  } finally {
    await journal.close();
  }
}

/** The results that still hold, by file. */
async function holding<Item extends { readonly file: string }, Result extends { readonly file: string }>(
  { items, stillHolds }: PictureJob<Item, Result>,
  entries: readonly Result[],
): Promise<Map<string, Result>> {
  const latest = new Map(entries.map((result) => [result.file, result]));
  const found = await Promise.all(
    items.map(async (item) => {
      const result = latest.get(item.file);
      return result !== undefined && (await stillHolds(result, item)) ? [[item.file, result] as const] : [];
    }),
  );
  return new Map(found.flat());
}

/** Does what is left, if anything is: starting costs time. */
async function* doLeft<Item extends { readonly file: string }, Result>(
  { items, start }: PictureJob<Item, Result>,
  done: ReadonlyMap<string, unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Result[], void, undefined> {
  if (done.size === items.length) return;
  const executor = await start();
  try {
    yield* doShards(items, ({ file }) => done.has(file), executor, signal);
  } finally {
    await executor.close();
  }
}
