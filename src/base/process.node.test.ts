import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ownerMayRun, processRuns } from './process.node.js';

const ended = spawnSync(process.execPath, ['--version']).pid;

it('processRuns tells running processes from ended ones', () => {
  expect(processRuns(process.pid)).toBe(true);
  expect(processRuns(process.ppid)).toBe(true);
  expect(processRuns(ended)).toBe(false);
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
});
