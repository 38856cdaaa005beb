import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../src/base/random.js';
import { ageband, startAgeband } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';
import { startHttp } from './support/http.js';
import { HAS_REDIS, rawQueue, startRedis, withRedis } from './support/redis.js';
import { digestsOf, sharedFolder, writePictures } from './support/training.js';
import { untilLines } from './support/wait.js';
import { Crew, loading } from './support/workers.js';

const BANDS = ['0-2', '60+'];
/** Three trials of which the last diverges. */
const SWEEP = `data: pictures
method: grid
threads: 1
fixed: { imageSize: 37, batchSize: 4, momentum: 0.9, workers: 0, seed: 7, epochs: 8 }
parameters:
  learningRate: [0.01, 0.05, 1.0e+30]
`;
const TRIALS = ['trial-001', 'trial-002'];

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);
/** Quick to notice that a worker is no more. */
const workerOf = (url: string): string[] => ['--redis', url, '--write', folder.path, '--workers', '1', '--stalled-after', '1'];
const sweepOf = (name: string, url: string): string[] => ['sweep', out('s.yaml'), '--out', out(name), '--redis', url];
const historyOf = (name: string, run: string): string => join(out(name), run, 'history.jsonl');

beforeAll(async () => {
  if (!HAS_REDIS) return;
  await writePictures(out('pictures'), BANDS, { train: [6, 6], valid: [3, 3] });
  await writeFile(out('s.yaml'), SWEEP);
  expect(await ageband('sweep', out('s.yaml'), '--out', out('whole'))).toMatchObject({ code: 0, stderr: '' });
});

type Json = Record<string, unknown>;

/** Everything that a sweep has measured, but for times and memory. */
async function timelessTrials(name: string): Promise<Json[]> {
  const { trials } = JSON.parse(await readFile(join(out(name), 'sweep.json'), 'utf8')) as { trials: Json[] };
  return trials.map(({ peakMemory: _peak, result, ...trial }) => {
    const { seconds: _seconds, ...figures } = (result ?? {}) as Json;
    return { ...trial, figures };
  });
}

/** The epochs of a run, but for their times. */
async function epochsOf(name: string, run: string): Promise<Json[]> {
  const lines = (await readFile(historyOf(name, run), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Json).map(({ seconds: _seconds, images_per_second: _rate, ...record }) => record);
}

/** Results, weights of the last and the best epoch, and histories are those of one machine; nothing else is left. */
async function expectSame(name: string): Promise<void> {
  expect(await timelessTrials(name)).toEqual(await timelessTrials('whole'));
  for (const run of TRIALS) {
    for (const which of ['last', 'best']) {
      expect(await digestsOf(join(out(name), run), which)).toEqual(await digestsOf(join(out('whole'), run), which));
    }
    expect(await epochsOf(name, run)).toEqual(await epochsOf('whole', run));
    const model = (sweep: string): Promise<Buffer> => readFile(join(out(sweep), run, 'model.onnx'));
    expect((await model(name)).equals(await model('whole'))).toBe(true);
    expect(existsSync(join(out(name), run, '.lock'))).toBe(false);
  }
}

describe.skipIf(!HAS_REDIS)(withRedis('a sweep through the queue'), () => {
  it('comes to the same trials while workers are killed with -9 at random moments', async () => {
    const { url } = await startRedis();
    const crew = new Crew(2, workerOf(url));
    const producer = startAgeband(sweepOf('killed', url));
    const killed = await crew.killAtRandom(randomStream(5, PURPOSE.augment, 0), 6, producer.ended);
    const { code, stdout } = await producer.ended;
    expect(killed).toBeGreaterThan(1);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trial-001 epoch \d\/8: /m);
    expect(stdout).toMatch(/^trial-003 failed: the loss became NaN/m);
    await expectSame('killed');
  });

  it('goes on when Redis is killed with -9 and forgets everything', async () => {
    const redis = await startRedis();
    new Crew(2, workerOf(redis.url));
    const producer = startAgeband(sweepOf('forgotten', redis.url));
    await untilLines(historyOf('forgotten', 'trial-001'), 2);
    await redis.restart();
    const { code, stderr } = await producer.ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`${redis.url}: Redis is back`);
    await expectSame('forgotten');
  });

  it('lets no worker write that was taken for dead, and does no run twice that lies in the queue twice', async () => {
    const { url } = await startRedis();
    const queue = rawQueue(url);
    const producer = startAgeband(sweepOf('stopped', url));
    await expect.poll(() => queue.getWaitingCount(), { timeout: 30_000 }).toBe(1);
    const [waiting] = await queue.getWaiting();
    await queue.add('run', waiting!.data as object, { jobId: 'a-copy' });
    const crew = new Crew(1, workerOf(url), loading('slow-rename.js'));
    await untilLines(historyOf('stopped', 'trial-001'), 1);
    // The process of the run goes on while its worker says nothing any more, and is late with a checkpoint.
    crew.signal(0, 'SIGSTOP');
    const other = new Crew(1, workerOf(url));
    const { code } = await producer.ended;
    expect(code).toBe(0);
    await expectSame('stopped');
    crew.signal(0, 'SIGCONT');
    await crew.lineThat(0, (line) => line.includes(' lost '));
    await expect.poll(() => queue.getJobCountByTypes('waiting', 'active', 'delayed'), { timeout: 30_000 }).toBe(0);
    await crew.stop();
    await other.stop();
    expect(other.printed).toContain(' begun: trial-001 for ');
    expect(crew.printed).toMatch(/ lost to another worker: .*trial-001\/checkpoints\/last\.safetensors: cannot be written: /);
    expect(crew.printed + other.printed).toContain(' is done already, or nobody waits for it\n');
    await expectSame('stopped');
  });

  it('is left at a checkpoint by a worker that ends, and by all at Ctrl-C, and goes on without a queue', async () => {
    const { url } = await startRedis();
    const crew = new Crew(1, workerOf(url));
    const producer = startAgeband(sweepOf('left', url));
    await untilLines(historyOf('left', 'trial-001'), 1);
    crew.signal(0, 'SIGTERM');
    await expect.poll(() => crew.printed, { timeout: 30_000 }).toContain(' left at a checkpoint, for another worker\n');
    await untilLines(historyOf('left', 'trial-002'), 1);
    producer.kill('SIGINT');
    const { code, stderr } = await producer.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('To go on: the same command again\n');
    expect(existsSync(join(out('left'), 'trial-002', '.lock'))).toBe(false);
    expect((await ageband('sweep', out('s.yaml'), '--out', out('left'))).code).toBe(0);
    await expectSame('left');
  });

  it('is rid of runs that hang: they go on at their checkpoint, and fail where they get no further', async () => {
    const { url } = await startRedis();
    const crew = new Crew(1, [...workerOf(url), '--give-up-after', '8'], loading('hang-run.js'));
    const { code, stdout } = await ageband(...sweepOf('hung', url));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trial-002 failed: the run got no step further for 8 seconds$/m);
    expect(await digestsOf(join(out('hung'), 'trial-001'))).toEqual(await digestsOf(join(out('whole'), 'trial-001')));
    expect(await epochsOf('hung', 'trial-001')).toEqual(await epochsOf('whole', 'trial-001'));
    const dead = JSON.parse((await ageband('queue', 'dead', '--redis', url, '--json')).stdout) as unknown[];
    expect(dead).toMatchObject([{ kind: 'run', first: 'trial-002', attempts: 2, reason: 'the run got no step further for 8 seconds' }]);
    // It was the same worker all the time.
    expect(crew.printed).toBe('');
    await crew.stop();
    expect(crew.printed.match(/ failed in attempt \d of 4: the run got no step further for 8 seconds\n/g)).toHaveLength(3);
  });

  it('fetches weights at an address once, and its workers fetch nothing', async () => {
    const { url } = await startRedis();
    expect((await ageband('export', join(out('whole'), 'trial-001'), out('w.safetensors'))).code).toBe(0);
    const weights = await readFile(out('w.safetensors'));
    const { origin, asked } = await startHttp((_, response) => void response.end(weights));
    await writeFile(out('w.yaml'), SWEEP.replace('epochs: 8', `epochs: 1, weights: "${origin}/w.safetensors"`).replace(', 1.0e+30', ''));
    new Crew(2, workerOf(url));
    const { code, stderr } = await ageband('sweep', out('w.yaml'), '--out', out('fetched'), '--redis', url);
    expect(code, stderr).toBe(0);
    expect((await timelessTrials('fetched')).map(({ status }) => status)).toEqual(['done', 'done']);
    expect(asked).toEqual(['/w.safetensors']);
  });

  it('touches nothing outside the folders that a worker was started with, and fetches nothing', async () => {
    const { url } = await startRedis();
    const elsewhere = await temporaryFolder({ 'a.csv': 'file\n' });
    const queue = rawQueue(url);
    const settings = { data: out('pictures') };
    const task = (more: object, run = 'run', where = folder.path) =>
      ({ kind: 'run', format: 1, folders: { out: where }, items: [{ run, settings: { ...settings, ...more }, split: 'valid' }] });
    const hostile: [string, unknown, RegExp][] = [
      ['writes', task({}, 'run', elsewhere), /this worker may not write to there/],
      ['climbs', task({}, '../run'), /leads out of its folder/],
      ['reads', task({ data: join(elsewhere, 'a.csv') }), /this worker may not read there/],
      ['starts', task({ from: elsewhere }), /this worker may not read there/],
      ['loads', task({ weights: join(elsewhere, 'a.csv') }), /this worker may not read there/],
      ['fetches', task({ weights: 'https://127.0.0.1:1/w.h5' }), /fetch/],
      ['wanders', task({ root: 'pictures' }), /no absolute path/],
      ['strays', task({ strange: 1 }), /is no shard/],
    ];
    for (const [name, data] of hostile) await queue.add(name, data, { jobId: name });
    expect((await ageband('worker', ...workerOf(url), '--idle-for', '3')).code).toBe(0);
    const dead = JSON.parse((await ageband('queue', 'dead', '--redis', url, '--json')).stdout) as { id: string; reason: string }[];
    const reasons = new Map(dead.map(({ id, reason }) => [id, reason]));
    for (const [name, , reason] of hostile) expect(reasons.get(name), name).toMatch(reason);
    expect(existsSync(out('run'))).toBe(false);
  });
});

describe.skipIf(!HAS_REDIS)(withRedis('a cross-validation through the queue'), () => {
  it('comes to the same figures and weights as on one machine, several folds at once', async () => {
    const { url } = await startRedis();
    const words = (name: string): string[] => [
      ...['cross-validate', out('pictures'), '--folds', '3', '--group-by', 'none', '--no-near-duplicates', '--out', out(name)],
      ...['--image-size', '37', '--batch-size', '4', '--epochs', '4', '--learning-rate', '0.05', '--threads', '1', '--workers', '0'],
    ];
    expect((await ageband(...words('folds'))).code).toBe(0);
    const crew = new Crew(2, workerOf(url));
    const producer = startAgeband([...words('queued'), '--redis', url]);
    await Promise.all(['fold-1', 'fold-2'].map((fold) => untilLines(historyOf('queued', fold), 1)));
    expect(existsSync(join(out('queued'), 'cross-validation.json'))).toBe(false);
    crew.signal(0, 'SIGKILL');
    const { code, stdout } = await producer.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Fold 3\/3 epoch 4\/4/m);
    const timeless = async (name: string): Promise<unknown> => {
      const report = JSON.parse(await readFile(join(out(name), 'cross-validation.json'), 'utf8')) as { folds: Json[] };
      return { ...report, folds: report.folds.map(({ seconds: _seconds, ...fold }) => fold) };
    };
    expect(await timeless('queued')).toEqual(await timeless('folds'));
    for (const fold of ['fold-1', 'fold-2', 'fold-3']) {
      expect(await digestsOf(join(out('queued'), fold))).toEqual(await digestsOf(join(out('folds'), fold)));
    }
  });
});
