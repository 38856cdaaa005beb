import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ownerMayRun, processRuns } from './process.node.js';

const ended = spawnSync(process.execPath, ['--version']).pid;

it('processRuns tells running processes from ended ones', () => {
  expect(processRuns(process.pid)).toBe(true);
  expect(processRuns(process.ppid)).toBe(true);
  expect(processRuns(ended)).toBe(false);
});

it.runIf(process.platform === 'linux')('processRuns takes a process that nobody waits for as ended', async () => {
  // The shell turns into a program that knows nothing of its child.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const child = Number(line.toString());
    await expect.poll(() => processRuns(child)).toBe(false);
    // It is still there.
    expect(process.kill(child, 0)).toBe(true);
  } finally {
    parent.kill();
  }
});

describe('ownerMayRun', () => {
  it('goes by the process of another id', () => {
    expect(ownerMayRun(process.ppid, 0)).toBe(true);
    expect(ownerMayRun(ended, Date.now())).toBe(false);
  });

  it('knows that what is older than this process was left by another with its id', () => {
    expect(ownerMayRun(process.pid, Date.now())).toBe(true);
    expect(ownerMayRun(process.pid, Date.now() - process.uptime() * 1000 - 1000)).toBe(false);
  });

  it.each([['forward', 3_600_000], ['back', -3_600_000]])('knows its own when the clock was set %s', (_, jump) => {
    const [before, real] = [Date.now(), Date.now.bind(Date)];
    vi.spyOn(Date, 'now').mockImplementation(() => real() + jump);
    onTestFinished(() => void vi.restoreAllMocks());
    expect([before, Date.now()].map((time) => ownerMayRun(process.pid, time))).toEqual([true, true]);
  });
});
