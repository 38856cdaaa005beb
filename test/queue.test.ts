import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../src/base/random.js';
import type { CropRecord } from '../src/jobs/crop/record.js';
import type { PredictionRecord } from '../src/jobs/predict/record.js';
import { ageband, startAgeband } from './support/cli.js';
import { contentOf, rowsOf, temporaryFolder } from './support/folder.js';
import { photos } from './support/photos.js';
import { PORTRAIT } from './support/portrait.js';
import { HAS_REDIS, HAS_TLS, rawQueue, startRedis, startSecureRedis, withRedis } from './support/redis.js';
import { writeRun } from './support/training.js';
import { untilLines } from './support/wait.js';
import { Crew, loading } from './support/workers.js';

const SIZE = ['--size', '64'];
/** Quick to notice that a worker is no more. */
const WORKER = ['--workers', '1', '--stalled-after', '1'];

/** Pictures, what one process makes of them, and what the tests need to make the same through a queue. */
async function cropJob(url: string, copies: number) {
  const { root, source, out } = await photos(copies);
  const whole = join(root, 'whole');
  expect((await ageband('crop', source, whole, ...SIZE)).code).toBe(2);
  const words = ['crop', source, out, ...SIZE, '--redis', url];
  const worker = ['--redis', url, '--read', source, '--write', root, ...WORKER];
  return { root, source, out, whole, words, worker, journal: join(out, 'journal.jsonl') };
}

/** All is as one process makes it, each picture was taken into the journal once, and nothing else is left. */
async function expectSame({ out, whole }: { out: string; whole: string }): Promise<void> {
  expect(await contentOf(out, 'journal.jsonl')).toEqual(await contentOf(whole, 'journal.jsonl'));
  const lines = (await readFile(join(out, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Partial<CropRecord & PredictionRecord>);
  // What could not be read is tried again by the next call.
  const files = records.filter(({ faces, whole }) => faces !== undefined || whole !== undefined).map(({ file }) => file);
  expect(new Set(files).size).toBe(files.length);
  const names = await readdir(out, { recursive: true });
  expect(names.filter((name) => /\.tmp$|\.results/.test(name))).toEqual([]);
}

describe.skipIf(!HAS_REDIS)(withRedis('a crop job through the queue'), () => {
  it('comes to the same files with several workers, and with none says so', async () => {
    const { url } = await startRedis();
    const job = await cropJob(url, 40);
    const producer = startAgeband([...job.words, '--json']);
    await new Promise<void>((resolve) => producer.stderr.on('data', (text: string) => text.includes('No worker is there yet') && resolve()));
    new Crew(2, job.worker);
    const { code, stdout, stderr } = await producer.ended;
    expect(stderr).toContain(`Start some: ageband worker --redis ${url}\n`);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ finished: true, pictures: 45, done: 45, withFace: 43, unreadable: 1 });
    await expectSame(job);
    const { stdout: status } = await ageband('queue', 'status', '--redis', url, '--json');
    expect(JSON.parse(status)).toMatchObject({ waiting: 0, active: 0, delayed: 0, dead: 0 });
  });

  it.each([1, 2])('loses nothing and doubles nothing when workers are killed with -9 at random moments (seed %i)', async (seed) => {
    const { url } = await startRedis();
    const job = await cropJob(url, 64);
    const crew = new Crew(3, job.worker);
    const producer = startAgeband(job.words);
    const killed = await crew.killAtRandom(randomStream(seed, PURPOSE.augment, 0), 9, producer.ended);
    expect(killed).toBeGreaterThan(1);
    expect((await producer.ended).stdout).toMatch(/^69 pictures: 67 with a face, 1 without, 1 unreadable\n/);
    await expectSame(job);
  });

  it.each([true, false])('goes on when Redis is killed with -9 and started again (saved: %s)', async (appendonly) => {
    const redis = await startRedis({ appendonly });
    const job = await cropJob(redis.url, 64);
    new Crew(2, job.worker);
    const producer = startAgeband(job.words);
    const random = randomStream(appendonly ? 1 : 2, PURPOSE.augment, 0);
    for (let times = 0; times < 2; times++) {
      await untilLines(job.journal, 8 + 16 * times + random.integer(16));
      await redis.restart();
    }
    const { code, stderr } = await producer.ended;
    expect(code).toBe(2);
    expect(stderr).toContain(`${redis.url}: Redis has gone away`);
    expect(stderr).toContain(`${redis.url}: Redis is back`);
    await expectSame(job);
  });

  it('takes a shard that two workers do for one, and one that lies in the queue twice', async () => {
    const { url } = await startRedis();
    const job = await cropJob(url, 40);
    const queue = rawQueue(url);
    const producer = startAgeband(job.words);
    await expect.poll(() => queue.getWaitingCount(), { timeout: 30_000 }).toBe(6);
    for (const shard of await queue.getWaiting()) await queue.add('crop', shard.data as object, { jobId: `again-${shard.id!}` });
    const crew = new Crew(2, job.worker);
    // A worker that is stopped in the middle of a shard loses it to another one, and then goes on with it all the same.
    await expect.poll(() => queue.getActiveCount(), { timeout: 30_000, interval: 10 }).toBeGreaterThan(0);
    crew.signal(0, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3500));
    crew.signal(0, 'SIGCONT');
    expect((await producer.ended).code).toBe(2);
    // The copies came too late for anybody to wait for them. While one is done, temporary files come and go.
    await expect.poll(() => queue.getJobCountByTypes('waiting', 'active', 'delayed'), { timeout: 30_000 }).toBe(0);
    await expectSame(job);
  });

  it('goes on where a killed producer stopped, with what workers have done since', async () => {
    const { url } = await startRedis();
    const job = await cropJob(url, 48);
    const crew = new Crew(2, job.worker);
    const producer = startAgeband(job.words);
    await untilLines(job.journal, 8);
    producer.kill('SIGKILL');
    await producer.ended;
    const queue = rawQueue(url);
    await expect.poll(() => queue.getJobCountByTypes('waiting', 'active'), { timeout: 60_000 }).toBe(0);
    await crew.stop();
    new Crew(1, job.worker);
    const again = await ageband(...job.words, '--json');
    // All was done for nobody, and is found; the picture that cannot be read is tried again.
    expect(JSON.parse(again.stdout)).toMatchObject({ finished: true, pictures: 53, done: 1 });
    await expectSame(job);
  });

  it('takes back at Ctrl-C what no worker has begun', async () => {
    const { url } = await startRedis();
    const job = await cropJob(url, 40);
    const queue = rawQueue(url);
    const producer = startAgeband(job.words);
    await expect.poll(() => queue.getWaitingCount(), { timeout: 30_000 }).toBe(6);
    producer.kill('SIGINT');
    const { code, stderr } = await producer.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('To go on: the same command again\n');
    expect(await queue.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
    expect((await ageband('crop', job.source, job.out, ...SIZE)).code).toBe(2);
    await expectSame(job);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('a prediction job through the queue'), () => {
  it('comes to the same predictions as on threads, while workers are killed', async () => {
    const { url } = await startRedis();
    const { root, source } = await photos(40);
    const [whole, out, run] = [join(root, 'whole'), join(root, 'out'), join(root, 'run')];
    await writeRun(run, source, ['0-2', '60+']);
    const local = await ageband('predict', source, '--model', run, '--out', whole, '--threads', '2');
    expect(local.stdout).toMatch(/^45 pictures: 44 classified, 1 unreadable, in /);
    expect(local.code).toBe(2);
    const rows = await rowsOf(join(whole, 'predictions.csv'));
    expect(rows).toHaveLength(45);
    for (const { error, band, ...row } of rows) {
      if (error === '') expect(Number(row['p_0-2']) + Number(row['p_60+'])).toBeCloseTo(1, 5);
      expect(['0-2', '60+', '']).toContain(band);
    }
    const crew = new Crew(2, ['--redis', url, '--read', source, '--write', root, ...WORKER]);
    const producer = startAgeband(['predict', source, '--model', run, '--out', out, '--redis', url]);
    await crew.killAtRandom(randomStream(3, PURPOSE.augment, 0), 3, producer.ended);
    expect((await producer.ended).stdout).toMatch(/^45 pictures: 44 classified, 1 unreadable, in /);
    await expectSame({ out, whole });
  });

  it('is refused without a folder', async () => {
    const { stderr } = await ageband('predict', 'photos', '--redis', 'redis://127.0.0.1:1');
    expect(stderr).toMatch(/^error: predict --redis: no folder for the predictions given\nhint: /);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('dead letters'), () => {
  it('hold a picture that brings workers down, and nothing else; they can be requeued', async () => {
    const { url } = await startRedis();
    const { root, source, out } = await photos(12);
    await writeFile(join(source, 'more/poison.jpg'), await readFile(PORTRAIT));
    const worker = ['--redis', url, '--read', source, '--write', root, ...WORKER];
    const crew = new Crew(2, worker, loading('poison.js'));
    const words = ['crop', source, out, ...SIZE, '--redis', url];
    const { code, stdout, stderr } = await ageband(...words);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^18 pictures: 15 with a face, 1 without, 2 unreadable\n/);
    expect(stderr).toMatch(/^more\/poison\.jpg: the process of the shard was killed \(SIGKILL\)$/m);
    await crew.stop();

    const listed = await ageband('queue', 'dead', '--redis', url, '--json');
    const letters = JSON.parse(listed.stdout) as Record<string, unknown>[];
    expect(letters).toMatchObject([{ kind: 'crop', out, first: 'more/poison.jpg', items: 1 }]);
    const id = letters[0]!['id'] as string;
    expect((await ageband('queue', 'dead', '--redis', url)).stdout).toContain(`${id}  `);
    const other = await ageband('queue', 'requeue', 'crop-0', '--redis', url);
    expect(other.stderr).toMatch(/^error: crop-0: there is no such dead letter\nhint: /);
    const requeued = await ageband('queue', 'requeue', id, '--redis', url);
    expect(requeued.stdout).toBe('1 dead letter back in the queue\n');
    expect((await ageband('queue', 'dead', '--redis', url)).stdout).toBe('No dead letters\n');

    // With sound workers the command does what was left.
    new Crew(1, worker);
    expect((await ageband(...words)).stdout).toMatch(/^18 pictures: 16 with a face, 1 without, 1 unreadable\n/);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('a decoder that hangs'), () => {
  it('is ended, and its picture alone is set aside', async () => {
    const { url } = await startRedis();
    const { root, source, out } = await photos(8);
    await writeFile(join(source, 'more/hang.jpg'), await readFile(PORTRAIT));
    const crew = new Crew(1, ['--redis', url, '--read', source, '--write', root, ...WORKER, '--give-up-after', '6'], loading('hang.js'));
    const { stdout, stderr } = await ageband('crop', source, out, ...SIZE, '--redis', url);
    expect(stdout).toMatch(/^14 pictures: 11 with a face, 1 without, 2 unreadable\n/);
    expect(stderr).toMatch(/^more\/hang\.jpg: no picture was done for 6 seconds$/m);
    const dead = JSON.parse((await ageband('queue', 'dead', '--redis', url, '--json')).stdout) as unknown[];
    expect(dead).toMatchObject([{ first: 'more/hang.jpg', items: 1, attempts: 2 }]);
    // It was the same worker all the time.
    expect(crew.printed).toBe('');
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('a worker'), () => {
  it('touches nothing outside the folders that it was started with, whatever lies in the queue', async () => {
    const { url } = await startRedis();
    const { root, source } = await photos();
    const elsewhere = await temporaryFolder({ 'secret/a.jpg': await readFile(PORTRAIT), 'out/.results/x': '' });
    const queue = rawQueue(url);
    const looks = { size: 64, template: 'similarity', margin: 0, format: 'jpeg', quality: 95, allFaces: false, minSize: 0, noFace: 'keep' };
    const item = { file: 'a.jpg', stem: 'a' };
    const shard = (folders: object, items: object[] = [item]) => ({ kind: 'crop', format: 1, settings: looks, folders, items });
    const hostile: [string, unknown, RegExp][] = [
      ['reads', shard({ root: join(elsewhere, 'secret'), out: root }), /this worker may not read there/],
      ['writes', shard({ root: source, out: join(elsewhere, 'out') }), /this worker may not write to there/],
      ['climbs', shard({ root: source, out: root }, [{ file: '../../secret/a.jpg', stem: 'a' }]), /leads out of its folder/],
      ['lands', shard({ root: source, out: root }, [{ file: 'portrait.jpg', stem: '../a' }]), /leads out of its folder/],
      ['strange', { kind: 'eval', format: 1, code: 'process.exit()' }, /is no shard that this version of ageband can do/],
      ['nothing', '\u001b[2Jboo', /is no shard that this version of ageband can do/],
    ];
    for (const [name, data] of hostile) await queue.add(name, data, { jobId: name });
    await mkdir(join(root, '.results'));
    const { code, stdout } = await ageband('worker', '--redis', url, '--read', source, '--write', root, '--workers', '1', '--idle-for', '3');
    expect(code).toBe(0);
    expect(stdout).not.toContain(' begun');
    const dead = JSON.parse((await ageband('queue', 'dead', '--redis', url, '--json')).stdout) as { id: string; reason: string }[];
    const reasons = new Map(dead.map(({ id, reason }) => [id, reason]));
    for (const [name, , reason] of hostile) expect(reasons.get(name), name).toMatch(reason);
    expect(await readdir(join(root, '.results'))).toEqual([]);
    const untouched = ['out', 'out/.results', 'out/.results/x', 'secret', 'secret/a.jpg'];
    expect((await readdir(elsewhere, { recursive: true })).sort()).toEqual(untouched);
    expect(existsSync(join(root, 'a.jpg'))).toBe(false);
  });

  it('ends when it is idle, also after a shard that Redis has forgotten', async () => {
    const { url } = await startRedis();
    const job = await cropJob(url, 24);
    const queue = rawQueue(url);
    const producer = startAgeband(job.words);
    await expect.poll(() => queue.getWaitingCount(), { timeout: 30_000 }).toBeGreaterThan(0);
    producer.kill('SIGKILL');
    await producer.ended;
    const worker = startAgeband(['worker', ...job.worker, '--idle-for', '2']);
    await worker.lineThat((line) => line.includes(' begun: '));
    await queue.obliterate({ force: true });
    const { code, stdout } = await worker.ended;
    expect(code).toBe(0);
    expect(stdout.match(/ done in /g)).toHaveLength(1);
  });

  it.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT'] as const)('ends in order at %s', async (name) => {
    const { url } = await startRedis();
    const worker = startAgeband(['worker', '--redis', url, '--write', await temporaryFolder()]);
    await worker.lineThat((line) => line.startsWith('Working for '));
    worker.kill(name);
    expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('is refused without folders to write to, and with folders that are not there', async () => {
    const nothing = await ageband('worker', '--redis', 'redis://127.0.0.1:1');
    expect(nothing.stderr).toMatch(/^error: worker: no folder to write to given\nhint: /);
    const missing = await ageband('worker', '--redis', 'redis://127.0.0.1:1', '--write', '/nowhere');
    expect(missing.stderr).toMatch(/^error: \/nowhere: no such folder\n/);
  });
});

describe('the address of Redis', () => {
  it('is named without its password when nobody is there, and when it is none', async () => {
    for (const url of ['redis://user:s3cret@127.0.0.1:1', 'redis://user:s3cret@ /', 'http://user:s3cret@127.0.0.1', 'redis://user:s3cret@h/x']) {
      const { code, stderr } = await ageband('queue', 'status', '--redis', url);
      expect(code, url).toBe(1);
      expect(stderr).toMatch(/^error: redis(:\/\/127\.0\.0\.1:1: Redis cannot be reached: connect ECONNREFUSED|: what was given)/);
      expect(stderr).not.toContain('s3cret');
    }
  });

  it.skipIf(!HAS_TLS)(`stands for TLS with a certificate that is known${HAS_TLS ? '' : ' (skipped: no openssl, or no Redis)'}`, async () => {
    const { port, certificate } = await startSecureRedis();
    const status = (host: string, environment: Record<string, string>) =>
      startAgeband(['queue', 'status', '--redis', `rediss://${host}:${port}`], undefined, environment).ended;
    for (const host of ['localhost', '127.0.0.1']) {
      expect(await status(host, { NODE_EXTRA_CA_CERTS: certificate }), host).toMatchObject({ code: 0, stderr: '' });
    }
    const { code, stderr } = await status('localhost', {});
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: rediss:\/\/localhost:\d+: Redis shows a certificate that is not trusted: .*\nhint: .*NODE_EXTRA_CA_CERTS/);
  });

  it.skipIf(!HAS_REDIS)(withRedis('lets in with the right password alone'), async () => {
    const { url } = await startRedis({ password: 'r1ght' });
    const wrong = await ageband('queue', 'status', '--redis', url.replace('//', '//:wr0ng@'));
    expect(wrong.stderr).toBe(
      `error: ${url}: Redis lets nobody in with this user and password\n` +
        'hint: Give them in the address, or the password in the variable AGEBAND_REDIS_PASSWORD.\n',
    );
    const none = await ageband('queue', 'status', '--redis', url);
    expect(none.stderr).toContain('Redis lets nobody in');
    const right = await startAgeband(['queue', 'status', '--redis', url], undefined, { AGEBAND_REDIS_PASSWORD: 'r1ght' }).ended;
    expect(right).toMatchObject({ code: 0, stdout: 'workers 0, waiting 0, active 0, delayed 0, dead 0\n' });
  });
});
