import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../src/training/checkpoint.js';
import { FACES, startAgeband } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';

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

describe.skipIf(process.platform === 'win32')('a process whose reader has seen enough', () => {
  it('ends at once with SIGPIPE, as `| head` expects, and says nothing', async () => {
    const running = startAgeband(['summary', 'baseline']);
    running.stdout.destroy();
    expect(await running.ended).toEqual({ code: null, stdout: '', stderr: '' });
    expect(running.signalCode).toBe('SIGPIPE');
  });

  it('also while a thread computes with ONNX Runtime', async () => {
    const read = `
const { endWithReader } = await import(${built('cli/closed-pipe.js')});
endWithReader(process.stdout);
process.stdout.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
await sleep(60_000);`;
    expect(await endedBy(read)).toEqual({ code: null, signal: 'SIGPIPE', stderr: '' });
  });

  it('keeps what a training has done, which then goes on', async () => {
    const out = join(await temporaryFolder(), 'run');
    const words = ['--image-size', '40', '--limit', '48', '--batch-size', '8', '--epochs', '60', '--json'];
    const running = startAgeband(['train', FACES, '--out', out, ...words]);
    await running.lineThat((line) => line.includes('"kind":"step"'));
    running.stdout.destroy();
    const { code, stderr } = await running.ended;
    expect(code).toBe(141);
    expect(stderr).toBe(`To go on: ageband train --resume --out ${out}\n`);
    const left = await readdir(out, { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'))).toEqual([]);
    expect((await loadCheckpoint(join(out, 'checkpoints/last.safetensors'))).state.step).toBeGreaterThan(0);
  });
});

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
