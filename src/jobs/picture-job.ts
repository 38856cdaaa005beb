/** Jobs that have one result per picture: the journal, what still holds of it, and what is left to do. */
import type { z } from 'zod';
import type { IndexOf } from './picture-journal.js';
import { PictureJournal } from './picture-journal.js';
import { ResultFiles } from './queue/result-files.js';
import type { ShardExecutor } from './shards.js';
import { doShards } from './shards.js';

interface Named {
  readonly file: string;
}

export interface PictureJob<Item extends Named, Result extends Named> {
  /** The folder of the job, without links in its path. */
  readonly out: string;
  readonly journalFile: string;
  readonly schema: z.ZodType<Result>;
  /** Each picture once, by its path in the source or its address. */
  readonly files: readonly string[];
  /** What is to be done with the picture at an index. */
  readonly itemAt: (index: number) => Item;
  /** Whether a result of an earlier call may stay. */
  readonly stillHolds: (result: Result, item: Item) => Promise<boolean>;
  /** Starts what does the items, if there are any. */
  readonly start: () => Promise<ShardExecutor<Item, Result>>;
}

export interface PictureOutcome<Result extends Named> {
  /** Of the pictures that are done. */
  readonly results: PictureJournal<Result>;
  readonly finished: boolean;
  /** Those that this call did. */
  readonly done: number;
  readonly perSecond: number;
}

/** Results that are looked at together, whether they still hold. */
const CHECKED_TOGETHER = 100;

/**
 * Does what is not done yet.
 * @param conclude makes of the results what the job is for
 * @param onProgress is told how many pictures are done
 * @param signal when aborted, no further picture is begun
 * @throws {FileError} when the journal cannot be written, and what an executor or `conclude` fails with
 */
export async function doPictures<Item extends Named, Result extends Named, Conclusion>(
  job: PictureJob<Item, Result>,
  conclude: (outcome: PictureOutcome<Result>) => Promise<Conclusion>,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<Conclusion> {
  const { files, out } = job;
  const fromWorkers = new ResultFiles(out);
  const results = await openResults(job, fromWorkers);
  try {
    const before = results.size;
    onProgress(before, files.length);
    const start = performance.now();
    await doLeft(job, results, () => onProgress(results.size, files.length), signal);
    const done = results.size - before;
    const finished = results.size === files.length;
    if (finished) await fromWorkers.close();
    const perSecond = done === 0 ? 0 : (1000 * done) / (performance.now() - start);
    return await conclude({ results, finished, done, perSecond });
  } finally {
    await results.close();
  }
}

/** The results of earlier calls that still hold, with what workers did since; these may have been killed in between. */
async function openResults<Item extends Named, Result extends Named>(
  job: PictureJob<Item, Result>,
  fromWorkers: ResultFiles,
): Promise<PictureJournal<Result>> {
  const { files, schema } = job;
  let indices: Map<string, number> | undefined;
  // Only a job that goes on needs them, and only here.
  const indexOf: IndexOf = (file) => (indices ??= new Map(files.map((name, index) => [name, index]))).get(file);
  const results = await PictureJournal.open(job.journalFile, schema, files.length, indexOf);
  try {
    await takeOver(fromWorkers, schema, results, indexOf);
    await dropOutdated(job, results);
    return results;
  } catch (error) {
    await results.close();
    throw error;
  }
}

/** Takes what workers did after an earlier call had ended; it may have been killed between the journal and the removal. */
async function takeOver<Result extends Named>(
  fromWorkers: ResultFiles,
  schema: z.ZodType<Result>,
  results: PictureJournal<Result>,
  indexOf: IndexOf,
): Promise<void> {
  const isKnown = (result: Result): boolean => {
    const index = indexOf(result.file);
    return index !== undefined && JSON.stringify(results.at(index)) === JSON.stringify(result);
  };
  for await (const shard of fromWorkers.readAll(schema)) await results.add(shard.filter((result) => !isKnown(result)), indexOf);
  await fromWorkers.removeAll();
}

async function dropOutdated<Item extends Named, Result extends Named>(
  { files, itemAt, stillHolds }: PictureJob<Item, Result>,
  results: PictureJournal<Result>,
): Promise<void> {
  const check = async (index: number): Promise<void> => {
    const result = results.at(index);
    if (result !== undefined && !(await stillHolds(result, itemAt(index)))) results.drop(index);
  };
  for (let start = 0; start < files.length; start += CHECKED_TOGETHER) {
    await Promise.all(range(start, Math.min(start + CHECKED_TOGETHER, files.length)).map(check));
  }
}

/** Does what is left, if anything is: starting costs time. */
async function doLeft<Item extends Named, Result extends Named>(
  { files, itemAt, start }: PictureJob<Item, Result>,
  results: PictureJournal<Result>,
  onResults: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (results.size === files.length) return;
  const underWay = new Map<string, number>();
  const leftOf = (from: number, to: number): readonly Item[] => {
    const left = range(from, to).filter((index) => !results.has(index));
    for (const index of left) underWay.set(files[index]!, index);
    return left.map(itemAt);
  };
  const executor = await start();
  try {
    for await (const shard of doShards(files.length, leftOf, executor, signal)) {
      await results.add(shard, (file) => underWay.get(file));
      for (const { file } of shard) underWay.delete(file);
      onResults();
    }
  } finally {
    await executor.close();
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
