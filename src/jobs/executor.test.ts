import { describe, expect, it } from 'vitest';
import type { Executor } from './executor.js';
import { doAll } from './executor.js';

/** Does items in the order in which they are released, and notes which have begun. */
function handExecutor(capacity: number) {
  const begun: string[] = [];
  const release = new Map<string, (result: Promise<string>) => void>();
  const executor: Executor<string, string> = {
    capacity,
    run: (item) => {
      begun.push(item);
      return new Promise((resolve) => release.set(item, resolve));
    },
    close: () => Promise.resolve(),
  };
  return { executor, begun, finish: (item: string) => release.get(item)!(Promise.resolve(`${item}!`)), release };
}

describe('doAll', () => {
  it('gives results as they come and keeps the executor full', async () => {
    const { executor, begun, finish } = handExecutor(2);
    const results = doAll(['a', 'b', 'c'], executor);
    const first = results.next();
    expect(begun).toEqual(['a', 'b']);
    finish('b');
    expect((await first).value).toBe('b!');
    const second = results.next();
    expect(begun).toEqual(['a', 'b', 'c']);
    finish('c');
    expect((await second).value).toBe('c!');
    finish('a');
    expect((await results.next()).value).toBe('a!');
    expect((await results.next()).done).toBe(true);
  });

  it('begins nothing after an abort, and waits for what is under way', async () => {
    const { executor, begun, finish } = handExecutor(2);
    const controller = new AbortController();
    const results = doAll(['a', 'b', 'c', 'd'], executor, controller.signal);
    const first = results.next();
    controller.abort();
    finish('a');
    expect((await first).value).toBe('a!');
    finish('b');
    expect((await results.next()).value).toBe('b!');
    expect((await results.next()).done).toBe(true);
    expect(begun).toEqual(['a', 'b']);
  });

  it('asks for an item whenever there is room, and again after each result where there was none', async () => {
    const { executor, begun, finish } = handExecutor(2);
    const waiting = ['a'];
    const results = doAll(() => waiting.shift(), executor);
    const first = results.next();
    expect(begun).toEqual(['a']);
    finish('a');
    expect((await first).value).toBe('a!');
    waiting.push('b', 'c', 'd');
    const second = results.next();
    expect(begun).toEqual(['a', 'b', 'c']);
    finish('b');
    finish('c');
    expect((await second).value).toBe('b!');
    waiting.length = 0;
    expect((await results.next()).value).toBe('c!');
    expect((await results.next()).done).toBe(true);
  });

  it('begins more as soon as there is more room', async () => {
    const { executor, begun, finish } = handExecutor(1);
    let hear = (): void => undefined;
    let capacity = 1;
    const growing: Executor<string, string> = {
      run: (item) => executor.run(item),
      close: () => executor.close(),
      onRoom: (listener) => (hear = listener),
      get capacity() {
        return capacity;
      },
    };
    const results = doAll(['a', 'b', 'c'], growing);
    const first = results.next();
    expect(begun).toEqual(['a']);
    capacity = 2;
    hear();
    await expect.poll(() => begun).toEqual(['a', 'b']);
    finish('b');
    expect((await first).value).toBe('b!');
  });

  it('fails with the item that fails', async () => {
    const { executor, release } = handExecutor(2);
    const results = doAll(['a', 'b'], executor);
    const first = results.next();
    release.get('b')!(Promise.reject(new Error('out of paper')));
    await expect(first).rejects.toThrow('out of paper');
  });

  it('has nothing to give for no items', async () => {
    expect((await doAll([], handExecutor(1).executor).next()).done).toBe(true);
  });
});
