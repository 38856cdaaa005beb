import { Queue } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../../test/support/folder.js';
import { HAS_REDIS, startRedis, withRedis } from '../../../test/support/redis.js';
import { doShards } from '../shards.js';
import { patientOptions, QUEUE } from './connection.js';
import { openQueueExecutor } from './queue-executor.js';
import { parseRedisAddress } from './redis-address.js';
import type { TaskInput } from './task.js';

describe.skipIf(!HAS_REDIS)(withRedis('a producer'), () => {
  it('never has more than a thousand shards in the queue, and takes them back when it is told to stop', async () => {
    const [{ url }, out] = [await startRedis(), await temporaryFolder()];
    const address = parseRedisAddress(url);
    const stop = new AbortController();
    const job = {
      ...{ out, resultSchema: z.string(), deadResult: (item: { file: string }) => item.file },
      taskOf: (items: readonly { file: string }[]) =>
        ({ kind: 'predict' as const, settings: { model: 'a'.repeat(64) }, folders: { root: out, out }, items: [...items] }) satisfies TaskInput,
    };
    const executor = await openQueueExecutor(job, { address, tell: () => undefined }, stop.signal);
    expect([1, 1600, 5000, 1e6].map((items) => executor.shardSize(items))).toEqual([8, 8, 25, 100]);
    const items = Array.from({ length: 150_000 }, (_, index) => ({ file: `${index}.jpg` }));
    const results = doShards(items.length, (start, end) => items.slice(start, end), executor, stop.signal).next();
    const queue = new Queue(QUEUE.name, { prefix: QUEUE.prefix, connection: patientOptions(address) });
    onTestFinished(() => queue.close());
    await expect.poll(() => queue.getWaitingCount(), { timeout: 20_000 }).toBe(1000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await queue.getWaitingCount()).toBe(1000);
    stop.abort();
    expect(await results).toEqual({ done: true, value: undefined });
    await expect.poll(() => queue.getWaitingCount(), { timeout: 20_000 }).toBe(0);
    await executor.close();
  });
});
