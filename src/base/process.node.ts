import { readFileSync } from 'node:fs';

/** Whether a process with this id runs on this machine, whoever owns it. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether a process has ended and nobody has asked for its exit code yet, as one whose parent was killed before it: in
 * many containers nobody ever does. Only Linux tells (proc(5), third field of `stat`, after the name in brackets).
 */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** When this process started, by the clock of then, in ms since 1970. */
const STARTED = startByTheClockOfNow();

/** The same by the clock of now, which may have been set since. */
function startByTheClockOfNow(): number {
  return Date.now() - process.uptime() * 1000;
}

/**
 * Whether something written at a time (in ms since 1970) by a process with this id may still be in use. Process ids
 * return, in containers at every start: what carries our own id but is older than this process was left by another.
 * Where the clock was set meanwhile, forward or back, what this process has written counts as its own all the same.
 */
export function ownerMayRun(pid: number, time: number): boolean {
  return pid === process.pid ? time >= Math.min(STARTED, startByTheClockOfNow()) : processRuns(pid);
}
