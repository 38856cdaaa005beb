/** Whether a process with this id runs on this machine, whoever owns it. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether something written at a time (in ms since 1970) by a process with this id may still be in use. Process ids
 * return, in containers at every start: what carries our own id but is older than this process was left by another.
 */
export function ownerMayRun(pid: number, time: number): boolean {
  return pid === process.pid ? time >= Date.now() - process.uptime() * 1000 : processRuns(pid);
}
