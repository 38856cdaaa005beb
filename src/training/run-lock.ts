/**
 * A lock file, so that no two processes work in one folder.
 *
 * Whether its holder still runs is a question to the system where it can be asked. Of one on another machine, or in another
 * container, signs of life are waited for (see `lock-heartbeat.ts`). One that only seemed to be dead, as a machine that slept,
 * finds out before it changes a file.
 *
 * What a queue gives to a worker may be given to another one when nothing is heard of the first, on whatever machine it
 * is. Locks of such work are leased: they give way to whoever the queue sends next.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, FileError } from '../base/errors.js';
import { fileError, guardFolder } from '../base/files.node.js';
import { ownerMayRun } from '../base/process.node.js';
import { giveSigns, isSilent, placeOfProcesses, SILENT_AFTER } from './lock-heartbeat.js';

export const LOCK_NAME = '.lock';

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  since: z.iso.datetime(),
  /** See {@link placeOfProcesses}; who has one gives signs of life. */
  place: z.string().exactOptional(),
  /** Another one for each time that a queue gives the folder to a process; none where there is no queue. */
  lease: z.string().exactOptional(),
});
type Holder = z.infer<typeof holderSchema>;

/** Whose word a lock is: `own` of a process that stands for itself, `leased` of one that a queue has sent. */
export type LockKind = 'own' | 'leased';

/**
 * Locks a folder and returns the function that unlocks it. The lock of a process that no longer runs is taken over, and a
 * leased one takes over any leased one. Then `cleanTemporaryFiles` of `all` must follow, before anything is read: from
 * there on the process that had the lock changes no file any more (see `guardFolder`).
 * @throws {ConfigError} when another process holds the lock, or one on another machine that has just given a sign of life.
 * @throws {FileError} when the lock file cannot be written; later, of files in the folder, when the lock has been lost.
 */
export function lockFolder(folder: string, kind: LockKind = 'own'): () => void {
  const file = resolve(folder, LOCK_NAME);
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), place: placeOfProcesses() };
  const text = `${JSON.stringify(kind === 'own' ? holder : { ...holder, lease: randomUUID() })}\n`;
  while (!tryCreate(file, text)) removeStale(file, kind);
  const isOurs = (): boolean => readIfPresent(file) === text;
  const unguard = guardFolder(resolve(folder), () => requireLock(file, kind, isOurs));
  const endSigns = giveSigns(file, text);
  return () => {
    unguard();
    endSigns();
    try {
      // Someone may have removed the lock by hand and locked the folder anew.
      if (isOurs()) rmSync(file, { force: true });
    } catch {
      // The disk became read-only, for instance: what went wrong before counts, and the lock dies with this process.
    }
  };
}

function requireLock(file: string, kind: LockKind, isOurs: () => boolean): void {
  if (isOurs()) return;
  throw new FileError(file, kind === 'leased' ? 'the queue has given this folder to another process' : 'this folder was taken over by another process, or the file was deleted');
}

/** Whether a process works in a folder, or one on another machine may do so. */
export function isLocked(folder: string): boolean {
  const text = readIfPresent(resolve(folder, LOCK_NAME));
  const holder = text === undefined ? undefined : parseHolder(text);
  return holder !== undefined && mayRun(holder, resolve(folder, LOCK_NAME), 'machine');
}

/**
 * Locks a folder and prepares something in it; when that fails, the folder is unlocked.
 * @param prepare is given the function that unlocks it
 * @throws {ConfigError} {FileError} as {@link lockFolder}, and what `prepare` fails with.
 */
export async function withLock<Result>(
  folder: string,
  prepare: (release: () => void) => Promise<Result>,
  kind: LockKind = 'own',
): Promise<Result> {
  const release = lockFolder(folder, kind);
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

function removeStale(file: string, kind: LockKind): void {
  const text = readIfPresent(file);
  if (text === undefined) return;
  const holder = parseHolder(text);
  const givesWay = kind === 'leased' && holder?.lease !== undefined;
  if (holder !== undefined && !givesWay && mayRun(holder, file, 'file system')) {
    const hint = isElsewhere(holder) && holder.place !== undefined
      ? `Wait until it has ended, or choose another folder. If it no longer runs, call again ${SILENT_AFTER / 60} minutes after its end.`
      : 'Wait until it has ended, or choose another folder. If it no longer runs, delete this file.';
    throw new ConfigError(`${file}: process ${holder.pid} on ${holder.host} works here since ${holder.since}`, { hint });
  }
  // Two processes may have found the stale lock: only one can move it away, and it may have moved a new one by then.
  const aside = `${file}-${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw fileError(file, 'written', error);
  }
  if (readIfPresent(aside) !== text) putBack(aside, file);
  rmSync(aside, { force: true });
}

function putBack(aside: string, file: string): void {
  try {
    linkSync(aside, file);
  } catch (error) {
    // A third one has locked the folder meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(file, 'written', error);
  }
}

type Clock = Parameters<typeof isSilent>[1];

/** Of processes elsewhere nothing is known but what signs of life they give. */
function mayRun(holder: Holder, file: string, clock: Clock): boolean {
  if (!isElsewhere(holder)) return ownerMayRun(holder.pid, Date.parse(holder.since));
  return holder.place === undefined || !isSilentLock(file, clock);
}

function isElsewhere({ host, place }: Holder): boolean {
  return place === undefined ? host !== hostname() : place !== placeOfProcesses();
}

function isSilentLock(file: string, clock: Clock): boolean {
  try {
    return isSilent(file, clock);
  } catch (error) {
    // It was unlocked by now.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw fileError(file, 'written', error);
  }
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
