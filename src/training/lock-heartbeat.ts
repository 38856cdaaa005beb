/**
 * Signs of life of those who hold locks, for processes on other machines and in other containers, which cannot see them. The
 * file of a lock is written anew, with what it holds, every few seconds: how long ago the last time was is a question to the
 * clock of the file system alone, whatever the clocks of the machines say.
 */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { temporaryName } from '../base/files.node.js';

/** Seconds between two signs, and those after which the holder counts as dead: a shared file system may hang for a minute. */
const BETWEEN_SIGNS = 10;
export const SILENT_AFTER = 120;

/**
 * ONNX Runtime blocks the thread that calls it, for as long as a step takes; hence a thread that does nothing else. Its program
 * stands here, for it must run where there is no file of it, too: from the sources. What it writes to is the file that it has
 * found to hold the text; when the lock has changed hands meanwhile, that is no lock any more.
 */
const PROGRAM = `
const { closeSync, openSync, readFileSync, writeSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const held = new Map();
parentPort.on('message', ({ file, text }) => (text === undefined ? held.delete(file) : held.set(file, text)));
setInterval(() => {
  for (const [file, text] of held) {
    try {
      const handle = openSync(file, 'r+');
      if (readFileSync(handle, 'utf8') === text) writeSync(handle, text, 0);
      closeSync(handle);
    } catch {
      // Nobody hears of it now; whether the lock is lost shows when a file is written.
    }
  }
}, 1000 * workerData);
`;

let thread: Worker | undefined;

/**
 * Gives signs of life for a lock.
 * @param text what the file of the lock holds
 * @returns what ends them
 */
export function giveSigns(file: string, text: string): () => void {
  thread ??= startThread();
  thread.postMessage({ file, text });
  return () => thread?.postMessage({ file });
}

function startThread(): Worker {
  const worker = new Worker(PROGRAM, { eval: true, workerData: BETWEEN_SIGNS, execArgv: [] });
  worker.unref();
  // Without it, a process elsewhere may take the folder over; then this one changes no file there any more.
  worker.on('error', () => undefined);
  return worker;
}

/**
 * Whether nothing was heard for long of whoever holds a lock.
 * @param clock that of the file system is asked by writing a file; that of this machine is good enough to show
 * @throws what the file system fails with
 */
export function isSilent(file: string, clock: 'file system' | 'machine'): boolean {
  const now = clock === 'machine' ? Date.now() : timeIn(dirname(file));
  return now - writtenAt(file, 'r') > 1000 * SILENT_AFTER;
}

function timeIn(folder: string): number {
  const probe = temporaryName(folder);
  try {
    return writtenAt(probe, 'wx');
  } finally {
    rmSync(probe, { force: true });
  }
}

/** When a file was last written, by the clock of its file system. Opening it asks a server that caches would not ask. */
function writtenAt(file: string, flags: 'r' | 'wx'): number {
  const handle = openSync(file, flags);
  try {
    return fstatSync(handle).mtimeMs;
  } finally {
    closeSync(handle);
  }
}

/**
 * What sees the same processes under the same ids: a machine since its last start, or a container. Only Linux tells containers
 * and starts apart.
 */
export function placeOfProcesses(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
