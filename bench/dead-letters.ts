/**
 * What `ageband queue dead --json` and `queue requeue` take of many dead letters, each of 100 pictures, as processes of their
 * own: `npm run build && npx tsx bench/dead-letters.ts redis://localhost:6379 [letters]`. The queue there must be empty.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { patientOptions, QUEUE } from '../src/jobs/queue/connection.js';
import { parseRedisAddress } from '../src/jobs/queue/redis-address.js';

const [url, text = '20000', main = 'dist/cli/main.js'] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: npx tsx bench/dead-letters.ts REDIS_URL [LETTERS] [MAIN_OF_THE_CLI]');
const letters = Number(text);
const options = { connection: patientOptions(parseRedisAddress(url)), prefix: QUEUE.prefix };
const queue = new Queue(QUEUE.name, options);
const counts = (): Promise<Record<string, number>> => queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
if (Object.values(await counts()).some((count) => count > 0)) throw new Error(`${url}: the queue there is not empty`);

const looks = { size: 64, template: 'similarity', margin: 0, format: 'jpeg', quality: 95, allFaces: false, minSize: 0, noFace: 'keep' };
const taskOf = (letter: number): object => ({
  ...{ kind: 'crop', format: 1, settings: looks, folders: { root: '/photos', out: '/work' } },
  items: Array.from({ length: 100 }, (_, index) => ({ file: `folder/of/photos/${letter}-${index}.jpg`, stem: `folder/of/photos/${letter}-${index}` })),
});

try {
  for (let start = 0; start < letters; start += 500) {
    const some = Array.from({ length: Math.min(500, letters - start) }, (_, index) => start + index);
    await Promise.all(some.map((letter) => queue.add('crop', taskOf(letter), { jobId: `crop-${String(letter).padStart(40, '0')}` })));
  }
  await new Promise<void>((resolve) => {
    let dead = 0;
    const fail = (): Promise<void> => Promise.reject(new UnrecoverableError('the process of the shard was killed (SIGKILL)'));
    const worker = new Worker(QUEUE.name, fail, { ...options, concurrency: 50 });
    worker.on('failed', () => {
      if (++dead === letters) void worker.close().then(resolve);
    });
  });
  await measure('dead', '--json');
  await measure('requeue');
  const { waiting, failed } = await counts();
  console.log(`${waiting} wait, ${failed} are dead`);
} finally {
  await queue.obliterate({ force: true });
  await queue.close();
}

async function measure(...words: string[]): Promise<void> {
  const start = performance.now();
  // What a process took at its peak, it knows itself, in kilobytes.
  const report = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))`;
  const child = spawn(process.execPath, ['--import', report, main, 'queue', ...words, '--redis', url!], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [bytes, errors] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  await once(child, 'close');
  const peak = Number(/peak (\d+)$/.exec(errors)?.[1]) / 1000;
  const seconds = (performance.now() - start) / 1000;
  console.log(`queue ${words.join(' ')}: ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MB at its peak, ${(bytes / 1e6).toFixed(1)} MB printed`);
}
