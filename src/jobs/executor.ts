/** Where the items of a job are done: on threads of this machine or elsewhere. */
export interface Executor<Item, Result> {
  /** How many items are worth having under way at once. It may change, as workers come and go. */
  readonly capacity: number;
  /** Is given what is to be called when there is more room than before. */
  readonly onRoom?: (hear: () => void) => void;
  /**
   * Does one item. It fails only when the job as a whole cannot go on: an item that is no good has a result as well. It may
   * give nothing for an item that it has given up after an abort.
   */
  run(item: Item): Promise<Result | undefined>;
  /** Is told that the result of an item is safe, so that whatever holds it can be removed. */
  readonly taken?: (item: Item) => Promise<void>;
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
  const ended: Ended<Item, Result>[] = [];
  let wake = (): void => undefined;
  let underWay = 0;
  const end = (outcome: Ended<Item, Result>): void => {
    ended.push(outcome);
    wake();
  };
  executor.onRoom?.(() => wake());
  for (;;) {
    while (underWay < executor.capacity && signal?.aborted !== true) {
      const item = next();
      if (item === undefined) break;
      underWay++;
      executor.run(item).then((result) => end({ item, result }), (error: unknown) => end({ item, error }));
    }
    if (underWay === 0) return;
    if (ended.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const outcome = ended.shift();
    if (outcome === undefined) continue;
    underWay--;
    if ('error' in outcome) throw outcome.error;
    if (outcome.result === undefined) continue;
    yield outcome.result;
    if (executor.taken !== undefined) await executor.taken(outcome.item);
  }
}

type Ended<Item, Result> = { readonly item: Item } & ({ readonly result: Result | undefined } | { readonly error: unknown });

function oneByOne<Item>(items: readonly Item[]): () => Item | undefined {
  let next = 0;
  return () => items[next++];
}
