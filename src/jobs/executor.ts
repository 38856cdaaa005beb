/** Where the items of a job are done: on threads of this machine or elsewhere. */
export interface Executor<Item, Result> {
  /** How many items are worth having under way at once. */
  readonly capacity: number;
  /** Does one item. It fails only when the job as a whole cannot go on: an item that is no good has a result as well. */
  run(item: Item): Promise<Result>;
  close(): Promise<void>;
}

/**
 * Has items done and gives their results as they come, in any order. After an abort no further item is begun, and those
 * under way are waited for.
 * @throws what an item failed with; the items under way are left to themselves
 */
export async function* doAll<Item, Result>(
  items: readonly Item[],
  executor: Executor<Item, Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  const underWay = new Map<number, Promise<{ index: number; result: Result }>>();
  let next = 0;
  for (;;) {
    while (next < items.length && underWay.size < executor.capacity && signal?.aborted !== true) {
      const index = next++;
      const done = executor.run(items[index]!).then((result) => ({ index, result }));
      // When another item fails first, nobody is there to hear of this one.
      done.catch(() => undefined);
      underWay.set(index, done);
    }
    if (underWay.size === 0) return;
    const { index, result } = await Promise.race(underWay.values());
    underWay.delete(index);
    yield result;
  }
}
