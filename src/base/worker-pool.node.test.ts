import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { WorkerPool } from './worker-pool.node.js';

interface Task {
  value: number;
}

/** A pool of workers that run this script, and are closed when the test has ended. */
async function poolOf(script: string, count = 1): Promise<WorkerPool<Task, number>> {
  const root = await temporaryFolder({
    'worker.mjs': `import { parentPort, threadId, workerData } from 'node:worker_threads';
parentPort.on('message', (message) => message === 'end' && process.exit());
const tasks = { on: (_, listen) => parentPort.on('message', (message) => message !== 'end' && listen(message)) };
${script.replaceAll('parentPort.on', 'tasks.on')}`,
  });
  const pool = new WorkerPool<Task, number>(pathToFileURL(join(root, 'worker.mjs')), count, { factor: 10 });
  onTestFinished(() => pool.close('the test has ended'));
  return pool;
}

/** Answers with the value times the factor of the settings. */
const MULTIPLY = `parentPort.on('message', ({ id, task }) =>
  parentPort.postMessage({ id, result: task.value * workerData.factor }));`;

describe('WorkerPool', () => {
  it('hands each answer to the one who asked', async () => {
    const pool = await poolOf(MULTIPLY, 2);
    const results = await Promise.all([0, 1, 2, 3, 4].map((value) => pool.run({ value })));
    expect(results).toEqual([0, 10, 20, 30, 40]);
  });

  it('gives tasks to the worker that has the fewest', async () => {
    // The task 0 is never done.
    const pool = await poolOf(
      `parentPort.on('message', ({ id, task }) => {
        if (task.value !== 0) parentPort.postMessage({ id, result: threadId });
      });`,
      2,
    );
    pool.run({ value: 0 }).catch(() => undefined);
    const others = [await pool.run({ value: 1 }), await pool.run({ value: 2 }), await pool.run({ value: 3 })];
    expect(new Set(others).size).toBe(1);
  });

  it('hands on an error with its class, and goes on', async () => {
    const pool = await poolOf(
      `parentPort.on('message', ({ id, task }) => parentPort.postMessage(
        task.value < 0
          ? { id, error: { name: 'PictureError', message: 'a.jpg: not found', fields: { code: 'PICTURE' } } }
          : { id, result: 1 }));`,
    );
    await expect(pool.run({ value: -1 })).rejects.toMatchObject({ name: 'PictureError', message: 'a.jpg: not found' });
    await expect(pool.run({ value: 1 })).resolves.toBe(1);
  });

  it('fails all that was asked of a worker that throws, then and later', async () => {
    const pool = await poolOf(`parentPort.on('message', () => { throw new Error('out of cheese'); });`);
    const asked = await Promise.allSettled([pool.run({ value: 1 }), pool.run({ value: 2 })]);
    expect(asked.map((result) => String((result as PromiseRejectedResult).reason))).toEqual([
      'Error: out of cheese',
      'Error: out of cheese',
    ]);
    await expect(pool.run({ value: 3 })).rejects.toThrow('out of cheese');
  });

  it('goes on with the workers that are left', async () => {
    const pool = await poolOf(
      `parentPort.on('message', ({ id, task }) => {
        if (task.value === 0) process.exit(3);
        parentPort.postMessage({ id, result: 7 });
      });`,
      2,
    );
    await expect(pool.run({ value: 0 })).rejects.toThrow('the worker thread ended with code 3');
    expect(await Promise.all([1, 2, 3].map((value) => pool.run({ value })))).toEqual([7, 7, 7]);
  });

  it('fails when a worker ends by itself or cannot start', async () => {
    const ending = await poolOf('process.exit(3);');
    await expect(ending.run({ value: 1 })).rejects.toThrow('the worker thread ended with code 3');
    const missing = await poolOf(`import './none.mjs';`);
    await expect(missing.run({ value: 1 })).rejects.toThrow(/Cannot find module/);
  });

  it('fails what is still asked for when it is closed', async () => {
    const pool = await poolOf(`parentPort.on('message', () => {});`);
    const asked = expect(pool.run({ value: 1 })).rejects.toThrow('we are closed');
    await pool.close('we are closed');
    await asked;
    await expect(pool.run({ value: 1 })).rejects.toThrow('we are closed');
  });
});
