/** A lock file, so that no two processes work in one folder. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../base/errors.js';
import { fileError } from '../base/files.node.js';
import { ownerMayRun } from '../base/process.node.js';

export const LOCK_NAME = '.lock';

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), since: z.iso.datetime() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Locks a folder and returns the function that unlocks it. The lock of a process that no longer runs is taken over.
 * @throws {ConfigError} when another process holds the lock, or one on another machine may do so.
 * @throws {FileError} when the lock file cannot be written.
 */
export function lockFolder(folder: string): () => void {
  const file = resolve(folder, LOCK_NAME);
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const text = `${JSON.stringify(holder)}\n`;
  while (!tryCreate(file, text)) removeStale(file);
  return () => {
    try {
      // Someone may have removed the lock by hand and locked the folder anew.
      if (readIfPresent(file) === text) rmSync(file, { force: true });
    } catch {
      // The disk became read-only, for instance: what went wrong before counts, and the lock dies with this process.
    }
  };
}

/** Whether a process works in a folder, or one on another machine may do so. */
export function isLocked(folder: string): boolean {
  const text = readIfPresent(resolve(folder, LOCK_NAME));
  const holder = text === undefined ? undefined : parseHolder(text);
  return holder !== undefined && mayRun(holder);
}

/**
 * Locks a folder and prepares something in it; when that fails, the folder is unlocked.
 * @param prepare is given the function that unlocks it
 * @throws {ConfigError} {FileError} as {@link lockFolder}, and what `prepare` fails with.
 */
export async function withLock<Result>(folder: string, prepare: (release: () => void) => Promise<Result>): Promise<Result> {
  const release = lockFolder(folder);
  try {
    return await prepare(release);
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Checks that a locked folder holds nothing else.
 * @throws {ConfigError} when it does, with the hint.
 */
export async function requireEmptyFolder(folder: string, hint: string): Promise<void> {
  const other = (await readdir(folder)).find((name) => !name.startsWith(LOCK_NAME));
  if (other !== undefined) throw new ConfigError(`${folder}: is not empty: it holds ${other}`, { hint });
}

function tryCreate(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError(file, 'written', error);
  }
}

function removeStale(file: string): void {
  const text = readIfPresent(file);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder !== undefined && mayRun(holder)) {
    throw new ConfigError(`${file}: process ${holder.pid} on ${holder.host} works here since ${holder.since}`, {
      hint: 'Wait until it has ended, or choose another folder. If it no longer runs, delete this file.',
    });
  }
  // Two processes may have found the stale lock: only one can move it away, and it may have moved a new one by then.
  const aside = `${file}-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fileError(file, 'written', error);
  }
  if (readIfPresent(aside) !== text) linkSync(aside, file);
  rmSync(aside, { force: true });
}

/** Nothing is known of processes on other machines. */
function mayRun({ pid, host, since }: Holder): boolean {
  return host !== hostname() || ownerMayRun(pid, Date.parse(since));
}

/** Who wrote a lock; undefined when the text was damaged, as after a power failure. */
function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(file, 'read', error);
  }
}
