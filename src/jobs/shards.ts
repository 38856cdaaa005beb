/** Long lists of items, done in shards: several at once, with one result for all of them. */
import type { Executor } from './executor.js';
import { doAll } from './executor.js';

/** Does shards of items; the results are in the order of the items. */
export interface ShardExecutor<Item, Result> extends Executor<readonly Item[], readonly Result[]> {
  /** How many items of a list of this length belong in one shard. */
  shardSize(items: number): number;
}

/** Does shards by doing their items, on threads of this machine, where a shard of one item is as good as a larger one. */
export function inShards<Item, Result>(executor: Executor<Item, Result>): ShardExecutor<Item, Result> {
  return {
    capacity: executor.capacity,
    shardSize: () => 1,
    run: async (items) => {
      const results = await Promise.all(items.map((item) => executor.run(item)));
      return results.filter((result) => result !== undefined);
    },
    close: () => executor.close(),
  };
}

/**
 * Has those items of a list done that are not done yet, and gives the results of a shard as they come. The list is cut at
 * places that depend on its length alone, so that a job that goes on meets the shards of the one before.
 * @param length of the list, which need not be there as a whole
 * @param leftOf gives those items between two places of the list that are not done yet
 * @throws as `doAll`
 */
export async function* doShards<Item, Result>(
  length: number,
  leftOf: (start: number, end: number) => readonly Item[],
  executor: ShardExecutor<Item, Result>,
  signal?: AbortSignal,
): AsyncGenerator<readonly Result[], void, undefined> {
  const size = executor.shardSize(length);
  let start = 0;
  const next = (): readonly Item[] | undefined => {
    while (start < length) {
      const left = leftOf(start, Math.min(start + size, length));
      start += size;
      if (left.length > 0) return left;
    }
    return undefined;
  };
  yield* doAll(next, executor, signal);
}
