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
 * @param items a list, or a function that gives the next item whenever there is room for one: it may give none for now,
 *   and is asked again when a result has been taken
 * @throws what an item failed with; the items under way are left to themselves
 */
export async function* doAll<Item, Result>(
  items: readonly Item[] | (() => Item | undefined),
  executor: Executor<Item, Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result, void, undefined> {
  const next = typeof items === 'function' ? items : oneByOne(items);
  const underWay = new Map<number, Promise<{ index: number; result: Result }>>();
  let begun = 0;
  for (;;) {
    while (underWay.size < executor.capacity && signal?.aborted !== true) {
      const item = next();
      if (item === undefined) break;
      const index = begun++;
      const done = executor.run(item).then((result) => ({ index, result }));
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

function oneByOne<Item>(items: readonly Item[]): () => Item | undefined {
  let next = 0;
  return () => items[next++];
}
