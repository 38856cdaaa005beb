/**
 * Disks that are full or read-only, users without permission, and containers. All but the users need Linux and its superuser.
 */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Ended } from './cli.js';
import { MAIN } from './cli.js';

const isSuperuser = process.getuid?.() === 0;

function mount(...words: string[]): boolean {
  return spawnSync('mount', words, { stdio: 'ignore' }).status === 0;
}

/** A disk of its own, until the test has ended. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param size in kB; @returns undefined where nobody may mount one */
  static mount(size: number): SmallDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'ageband-disk-'));
    const isThere = process.platform === 'linux' && isSuperuser && mount('-t', 'tmpfs', '-o', `size=${size}k,mode=755`, 'tmpfs', path);
    const remove = (): void => {
      if (isThere) spawnSync('umount', [path]);
      rmSync(path, { recursive: true });
    };
    if (isThere) onTestFinished(remove);
    else remove();
    return isThere ? new SmallDisk(path) : undefined;
  }

  /** Leaves no room for anything further. */
  fill(): void {
    try {
      for (;;) appendFileSync(this.#filler, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** Makes room again. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  /** @param size in kB */
  grow(size: number): void {
    if (!mount('-o', `remount,size=${size}k`, this.path)) throw new Error(`${this.path} cannot be mounted again`);
  }

  /** Waits until no file is being written. */
  async setReadOnly(isReadOnly: boolean): Promise<void> {
    for (let tries = 0; !mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.path); tries++) {
      if (tries === 500) throw new Error(`${this.path} cannot be mounted again`);
      await sleep(3);
    }
  }

  get #filler(): string {
    return join(this.path, 'filler');
  }
}

/** Whether a disk can be mounted here. */
export const MAY_MOUNT = ((): boolean => {
  if (process.platform !== 'linux' || !isSuperuser) return false;
  const path = mkdtempSync(join(tmpdir(), 'ageband-disk-'));
  const may = mount('-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', path);
  if (may) spawnSync('umount', [path]);
  rmSync(path, { recursive: true });
  return may;
})();

/** The user nobody. */
const NOBODY = 65534;

/** Runs `ageband` as a user whom the permissions of files hold for: the superuser may do everything. */
export async function agebandUnprivileged(...words: string[]): Promise<Ended> {
  const user = isSuperuser ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], ...user });
  return await endOf(child);
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A container as far as processes and the name of the machine go: both are others in it. */
const CONTAINER = ['--pid', '--fork', '--kill-child', '--mount-proc', '--uts'];

export const MAY_CONTAIN = process.platform === 'linux' && isSuperuser && spawnSync('unshare', [...CONTAINER, 'true']).status === 0;

/** Starts `ageband` in a container of this name. When that is killed, so is what runs in it. */
export function startContained(
  name: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly kill: () => void; readonly ended: Promise<Ended> } {
  const script = 'hostname "$0" && exec "$@"';
  const child = spawn('unshare', [...CONTAINER, 'sh', '-c', script, name, process.execPath, MAIN, ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { kill: () => void child.kill('SIGKILL'), ended: endOf(child) };
}
