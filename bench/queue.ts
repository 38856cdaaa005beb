/** Shards per second that the queue itself carries: `npx tsx bench/queue.ts redis://localhost:6379 [shards]`. */
import { Queue, Worker } from 'bullmq';
import { patientOptions } from '../src/jobs/queue/connection.js';
import { parseRedisAddress } from '../src/jobs/queue/redis-address.js';

const [url, text = '20000'] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: npx tsx bench/queue.ts REDIS_URL [SHARDS]');
const shards = Number(text);
const connection = patientOptions(parseRedisAddress(url));
const options = { connection, prefix: 'ageband-bench' };
/** As a shard of 100 pictures. */
const items = Array.from({ length: 100 }, (_, index) => ({ file: `some/folder/of/photos/${index}.jpg`, stem: `some/folder/of/photos/${index}` }));

const queue = new Queue('jobs', options);
await queue.obliterate({ force: true });
const before = performance.now();
for (let start = 0; start < shards; start += 500) {
  await Promise.all(Array.from({ length: Math.min(500, shards - start) }, () => queue.add('crop', { items }, { removeOnComplete: true })));
}
const added = performance.now();
await new Promise<void>((resolve) => {
  let done = 0;
  const worker = new Worker('jobs', () => Promise.resolve(), { ...options, concurrency: 50 });
  worker.on('completed', () => {
    if (++done === shards) void worker.close().then(resolve);
  });
});
const ended = performance.now();
await queue.obliterate({ force: true });
await queue.close();
const rate = (milliseconds: number): string => ((1000 * shards) / milliseconds).toFixed(0);
console.log(`${shards} shards: ${rate(added - before)}/s put in, ${rate(ended - added)}/s taken out and finished by one process`);
