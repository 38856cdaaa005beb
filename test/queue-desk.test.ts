import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { FileError } from '../src/base/errors.js';
import { patientOptions, QUEUE } from '../src/jobs/queue/connection.js';
import { QueueDesk } from '../src/jobs/queue/queue-desk.js';
import { parseRedisAddress } from '../src/jobs/queue/redis-address.js';
import type { TaskInput } from '../src/jobs/queue/task.js';
import { idOf, parseTask } from '../src/jobs/queue/task.js';
import { temporaryFolder } from './support/folder.js';
import { HAS_REDIS, startRedis, withRedis } from './support/redis.js';

describe.skipIf(!HAS_REDIS)(withRedis('the desk of a queue'), () => {
  it('ends the wait for a shard whose worker cannot be asked to stop, with the reason', async () => {
    const [{ url }, out] = [await startRedis(), await temporaryFolder()];
    const address = parseRedisAddress(url);
    const desk = await QueueDesk.open({ address, out, resultSchema: z.unknown(), tell: () => undefined });
    onTestFinished(() => desk.close());
    const task: TaskInput = { kind: 'predict', settings: { model: '0'.repeat(64) }, folders: { root: out, out }, items: [{ file: 'a.jpg' }] };
    let finish: (() => void) | undefined;
    const work = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const worker = new Worker(QUEUE.name, work, { prefix: QUEUE.prefix, connection: patientOptions(address) });
    onTestFinished(async () => {
      finish?.();
      await worker.close();
    });

    const outcome = desk.submit(task);
    const refused = expect(outcome).rejects.toThrow(FileError);
    await expect.poll(() => finish).toBeDefined();
    // A folder in place of the file that asks for it: nothing can be renamed to it.
    await mkdir(join(out, '.results', `${idOf(parseTask(task))}.stop`, 'in the way'), { recursive: true });
    await desk.stopAll();
    await refused;
  });
});
