import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const built = (path: string): string => JSON.stringify(pathToFileURL(`dist/${path}`).href);

/** A thread that computes with ONNX Runtime, without a pause, as soon as it has a task. */
const THREAD = `
import { parentPort } from 'node:worker_threads';
import { serveTasks } from ${built('base/worker-pool.node.js')};
import { openClassifier } from ${built('evaluation/classify.js')};
const classifier = openClassifier({ threads: 1 });
serveTasks(async () => {
  const { imageSize } = await classifier;
  const images = new Float32Array(4 * 3 * imageSize ** 2);
  for (;;) {
    await (await classifier).probabilities(images);
    await new Promise((resolve) => setImmediate(resolve));
  }
});`;

/** Runs a script that has such a thread in `pool`, and ends as `end` says while the thread computes. */
async function endedBy(end: string): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }> {
  const script = `
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerPool } from ${built('base/worker-pool.node.js')};
import { untilInterrupted } from ${built('cli/interrupt.js')};
const pool = new WorkerPool(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(THREAD)}`)}), 1, undefined);
pool.run({}).catch(() => undefined);
await sleep(1500);
${end}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stderr };
}

describe('a process whose thread computes with ONNX Runtime does not crash', () => {
  it('when its pool is closed', async () => {
    expect(await endedBy(`await pool.close('the test has ended');`)).toEqual({ code: 0, signal: null, stderr: '' });
  });

  it.skipIf(process.platform === 'win32')('at a second Ctrl-C', async () => {
    const twice = `await untilInterrupted(async () => {
      process.kill(process.pid, 'SIGINT');
      await sleep(700);
      process.kill(process.pid, 'SIGINT');
      await sleep(60_000);
    });`;
    expect(await endedBy(twice)).toEqual({ code: null, signal: 'SIGINT', stderr: '' });
  });
});
