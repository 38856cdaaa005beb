import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DispatcherSettings } from '../src/server/predict/dispatcher.js';
import { Dispatcher } from '../src/server/predict/dispatcher.js';
import type { PictureTask } from '../src/server/predict/task.js';

const POOL = pathToFileURL('dist/base/worker-pool.node.js').href;

/** A thread that answers with what it was given; a picture of the bytes 'die' ends it, 'hang' keeps it for ever. */
const THREAD = `
import { serveTasks } from '${POOL}';
serveTasks(async (tasks) => {
  const texts = tasks.map(({ bytes }) => Buffer.from(bytes).toString());
  if (texts.includes('die')) process.exit(1);
  await new Promise((resolve) => { if (!texts.includes('hang')) setTimeout(resolve, 50); });
  return texts.map((text) => ({ refused: text, reason: String(tasks.length) }));
});`;

const never = new AbortController().signal;
const tasks = (...texts: string[]): PictureTask[] => texts.map((text) => ({ bytes: Buffer.from(text), faces: 'all' }));

function dispatcher(settings: Partial<DispatcherSettings> = {}, onBatch?: (pictures: number) => void): Dispatcher {
  const entry = new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`);
  const opened = new Dispatcher(
    { ...{ entry, workerData: undefined, workers: 1, together: 4, longestWait: 30_000, longestWork: 30_000 }, ...settings },
    onBatch,
  );
  onTestFinished(() => opened.close());
  return opened;
}

const textsOf = (answers: readonly object[]): string[] => answers.map((answer) => (answer as { refused: string }).refused);

describe('Dispatcher', () => {
  it('hands a picture over at once, and those that come meanwhile together', async () => {
    const batches: number[] = [];
    const opened = dispatcher({}, (pictures) => batches.push(pictures));
    const first = opened.submit(tasks('a'), never);
    const others = [opened.submit(tasks('b', 'c'), never), opened.submit(tasks('d', 'e', 'f'), never)];
    expect(opened.state).toEqual({ waiting: 5, busy: 1 });
    expect(textsOf(await first)).toEqual(['a']);
    expect((await Promise.all(others)).map(textsOf)).toEqual([['b', 'c'], ['d', 'e', 'f']]);
    expect(batches).toEqual([1, 4, 1]);
  });

  it('parts what comes at once among free threads', async () => {
    const batches: number[] = [];
    await dispatcher({ workers: 2 }, (pictures) => batches.push(pictures)).submit(tasks('a', 'b', 'c', 'd'), never);
    expect(batches).toEqual([2, 2]);
  });

  it('lets no picture take others with it', async () => {
    const opened = dispatcher();
    const results = await Promise.allSettled(['a', 'die', 'b'].map((text) => opened.submit(tasks(text), never)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'INTERNAL' });
    expect(textsOf(await opened.submit(tasks('c'), never))).toEqual(['c']);
  });

  it('gives up a thread that hangs', async () => {
    const opened = dispatcher({ longestWork: 2000 });
    await expect(opened.submit(tasks('hang'), never)).rejects.toMatchObject({ code: 'TIMEOUT', status: 504 });
    expect(textsOf(await opened.submit(tasks('a'), never))).toEqual(['a']);
  });

  it('refuses what has waited too long', async () => {
    const opened = dispatcher({ longestWait: 200, longestWork: 3000 });
    const hanging = opened.submit(tasks('hang'), never).catch((error: unknown) => error);
    await expect(opened.submit(tasks('a'), never)).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfter: 1 });
    await hanging;
  });

  it('drops what nobody waits for any more', async () => {
    const batches: number[] = [];
    const opened = dispatcher({}, (pictures) => batches.push(pictures));
    const controller = new AbortController();
    const first = opened.submit(tasks('a'), never);
    const dropped = opened.submit(tasks('b'), controller.signal);
    controller.abort();
    await expect(dropped).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await first;
    expect(batches).toEqual([1]);
  });

  it('refuses what comes when it is closed, and what waits then', async () => {
    const opened = dispatcher();
    const all = [opened.submit(tasks('a'), never), opened.submit(tasks('b'), never)];
    const settled = Promise.allSettled(all);
    await opened.close();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(opened.submit(tasks('c'), never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
