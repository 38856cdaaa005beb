import type { Queue } from 'bullmq';
import { UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { patientOptions, QUEUE } from '../src/jobs/queue/connection.js';
import { DeadLetterBox } from '../src/jobs/queue/dead-letter-box.js';
import { listDeadLetters, requeueDeadLetters } from '../src/jobs/queue/dead-letters.js';
import { parseRedisAddress } from '../src/jobs/queue/redis-address.js';
import { ageband, startAgeband } from './support/cli.js';
import { HAS_REDIS, rawQueue, startRedis, withRedis } from './support/redis.js';
import { loading } from './support/workers.js';

const quiet = (): void => undefined;
const letterNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `letter-${String(index).padStart(4, '0')}`);

/** Redis itself, for what BullMQ has no word for. */
function rawRedis(url: string): Redis {
  const redis = new Redis(patientOptions(parseRedisAddress(url)));
  redis.on('error', quiet);
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** Puts letters into the queue whose last attempts have failed, as after they have brought down as many workers as they may. */
async function letters(url: string, count: number): Promise<{ queue: Queue; redis: Redis; ids: string[] }> {
  const [queue, redis, ids] = [rawQueue(url), rawRedis(url), letterNames(count)];
  await Promise.all(ids.map((id) => queue.add('crop', { id }, { jobId: id, attempts: 4 })));
  await failAll(url, queue, count);
  await Promise.all(ids.map((id) => redis.hset(queue.toKey(id), 'stc', '3')));
  return { queue, redis, ids };
}

/** Lets a worker fail for good at all that waits, until so many letters are dead. */
async function failAll(url: string, queue: Queue, dead: number): Promise<void> {
  const fail = (): Promise<void> => Promise.reject(new UnrecoverableError('boo'));
  const worker = new Worker(QUEUE.name, fail, { prefix: QUEUE.prefix, connection: patientOptions(parseRedisAddress(url)), concurrency: 50 });
  await expect.poll(() => queue.getFailedCount(), { timeout: 30_000, interval: 20 }).toBe(dead);
  await worker.close();
}

const idsIn = async (queue: Queue, ...states: ('waiting' | 'failed')[]): Promise<string[]> =>
  (await queue.getJobs(states)).map(({ id }) => id!).sort();

/** None of what counts attempts is left. */
async function expectUntried(queue: Queue, redis: Redis, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await redis.hmget(queue.toKey(id), 'stc', 'defa', 'atm', 'ats', 'failedReason')).toEqual([null, null, null, null, null]);
}

describe.skipIf(!HAS_REDIS)(withRedis('dead letters that are put back'), () => {
  it('are none of them lost, wherever the command is killed', async () => {
    const { url } = await startRedis();
    const { queue, redis, ids } = await letters(url, 1);
    let kills = 0;
    for (;;) {
      const dying = { ...loading('die-at-command.js'), DIE_AT: String(kills + 1) };
      const { code, stdout } = await startAgeband(['queue', 'requeue', '--redis', url], undefined, dying).ended;
      expect(await idsIn(queue, 'waiting', 'failed'), `killed ${kills} times`).toEqual(ids);
      const waiting = await idsIn(queue, 'waiting');
      await expectUntried(queue, redis, waiting);
      if (code === 0) {
        expect(stdout).toMatch(/^[01] dead letters? back in the queue\n$/);
        break;
      }
      kills++;
      // It is to be put back by the next one as well.
      if (waiting.length === 1) await failAll(url, queue, 1);
    }
    expect(kills).toBeGreaterThan(4);
    expect(await idsIn(queue, 'waiting')).toEqual(ids);
  });

  it('are moved once by two commands at the same time, while workers take them', async () => {
    const { url } = await startRedis();
    const { queue, ids } = await letters(url, 400);
    const done: string[] = [];
    const worker = new Worker(QUEUE.name, ({ id }) => Promise.resolve(done.push(id!)), {
      ...{ prefix: QUEUE.prefix, connection: patientOptions(parseRedisAddress(url)), maxStalledCount: 2, concurrency: 4 },
    });
    onTestFinished(() => worker.close());
    const counts = await Promise.all([0, 1].map(() => requeueDeadLetters(parseRedisAddress(url), [], quiet, quiet)));
    expect(counts[0]! + counts[1]!).toBe(400);
    await expect.poll(() => queue.getJobCountByTypes('waiting', 'active', 'failed'), { timeout: 30_000 }).toBe(0);
    expect(done.sort()).toEqual(ids);
  });

  it('are all put back when Redis is killed with -9 and started again on the way', async () => {
    const server = await startRedis({ appendonly: true });
    const { queue, ids } = await letters(server.url, 250);
    const notes: string[] = [];
    let restarted: Promise<void> | undefined;
    const restart = (): void => {
      restarted ??= server.restart();
    };
    await requeueDeadLetters(parseRedisAddress(server.url), [], (note) => notes.push(note), restart);
    await restarted;
    expect(notes.join('\n')).toMatch(/Redis has gone away .*\n.*Redis is back/);
    expect(await idsIn(queue, 'waiting')).toEqual(ids);
    expect(await queue.getFailedCount()).toBe(0);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('dead letters that are read in pages'), () => {
  it('come once each, the latest first, also when they died in the same millisecond, and while others come and go', async () => {
    const { url } = await startRedis();
    const { queue, redis, ids } = await letters(url, 450);
    const dead = queue.toKey('failed');
    const time = Date.now();
    // 100 of their own times, 250 of the same, 100 of their own, the latest last.
    const timeOf = (index: number): number => time + (index < 100 ? index : index < 350 ? 100 : index);
    await redis.zadd(dead, ...ids.flatMap((id, index) => [timeOf(index), id]));
    const expected = await redis.zrevrange(dead, 0, -1);
    const box = await DeadLetterBox.open(parseRedisAddress(url), quiet);
    onTestFinished(() => box.close());
    const read: string[] = [];
    for await (const jobs of box.pages()) {
      expect(jobs.length).toBeLessThanOrEqual(100);
      read.push(...jobs.map(({ id }) => id!));
      // What has been read goes, in part, and comes again as what died just now.
      await redis.zrem(dead, ...jobs.slice(0, 60).map(({ id }) => id!));
      await redis.zadd(dead, time + 10_000, jobs[0]!.id!);
    }
    expect(read).toEqual(expected);
  });

  it('are listed by the command as one list of JSON, and as lines', async () => {
    const { url } = await startRedis();
    const none = await ageband('queue', 'dead', '--redis', url, '--json');
    expect(none.stdout).toBe('[]\n');
    const { ids } = await letters(url, 120);
    const { code, stdout } = await ageband('queue', 'dead', '--redis', url, '--json');
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as { id: string; reason: string }[];
    expect(stdout).toBe(`${JSON.stringify(listed, null, 2)}\n`);
    expect(listed.map(({ id }) => id).sort()).toEqual(ids);
    expect((await ageband('queue', 'dead', '--redis', url)).stdout.match(/^letter-\d{4} {2}/gm)).toHaveLength(120);
  });

  it('are told as they are read', async () => {
    const { url } = await startRedis();
    await letters(url, 230);
    const told: [number, number][] = [];
    let count = 0;
    for await (const { reason } of listDeadLetters(parseRedisAddress(url), quiet, (...figures) => told.push(figures))) {
      expect(reason).toBe('boo');
      count++;
    }
    expect(count).toBe(230);
    expect(told).toEqual([[100, 230], [200, 230], [230, 230]]);
  });
});
