import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import type { BatchSettings } from './batch-maker.js';
import { BatchWorkers } from './batch-workers.js';
import { PictureCache } from './picture-cache.js';

const SETTINGS: BatchSettings = {
  files: [],
  labels: new Int32Array(),
  imageSize: 1,
  seed: 1,
  augmentation: undefined,
  cache: PictureCache.allocate(0, 1, 0).shared,
};

const JOB = { epoch: 1, samples: Int32Array.of(0) };

/** Workers that run this script, and are closed when the test has ended. */
async function workersOf(script: string, count = 1): Promise<BatchWorkers> {
  const root = await temporaryFolder({
    'worker.mjs': `import { parentPort, threadId, workerData } from 'node:worker_threads';\n${script}`,
  });
  const workers = new BatchWorkers(count, SETTINGS, pathToFileURL(join(root, 'worker.mjs')));
  onTestFinished(() => workers.close());
  return workers;
}

/** Answers with a batch whose size is the number of the job. */
const ECHO = `parentPort.on('message', ({ id, job }) => parentPort.postMessage({ id, batch: { ...job, size: id } }));`;

describe('BatchWorkers', () => {
  it('hand each answer to the one who asked', async () => {
    const workers = await workersOf(ECHO, 2);
    const batches = await Promise.all(Array.from({ length: 5 }, () => workers.make(JOB)));
    expect(batches.map(({ size }) => size)).toEqual([0, 1, 2, 3, 4]);
  });

  it('hand on the reason of a failure, and go on', async () => {
    const workers = await workersOf(
      `parentPort.on('message', ({ id, job }) =>
        parentPort.postMessage(id === 0 ? { id, failure: 'a.jpg: not found' } : { id, batch: { ...job, size: 1 } }));`,
    );
    await expect(workers.make(JOB)).rejects.toThrow('a.jpg: not found');
    await expect(workers.make(JOB)).resolves.toMatchObject({ size: 1 });
  });

  it('fail all that was asked of a worker that throws, then and later', async () => {
    const workers = await workersOf(`parentPort.on('message', () => { throw new Error('out of cheese'); });`);
    const asked = await Promise.allSettled([workers.make(JOB), workers.make(JOB)]);
    expect(asked.map((result) => String((result as PromiseRejectedResult).reason))).toEqual([
      'Error: out of cheese',
      'Error: out of cheese',
    ]);
    await expect(workers.make(JOB)).rejects.toThrow('out of cheese');
  });

  it('fail when a worker ends by itself or cannot start', async () => {
    const ending = await workersOf('process.exit(3);');
    await expect(ending.make(JOB)).rejects.toThrow('the worker thread ended with code 3');
    const missing = await workersOf(`import './none.mjs';`);
    await expect(missing.make(JOB)).rejects.toThrow(/Cannot find module/);
  });

  it('fail what is still asked for when they are closed', async () => {
    const workers = await workersOf(`parentPort.on('message', () => {});`);
    const asked = expect(workers.make(JOB)).rejects.toThrow('the loader was closed');
    await workers.close();
    await asked;
    await expect(workers.make(JOB)).rejects.toThrow('the loader was closed');
  });
});
