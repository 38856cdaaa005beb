import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, FileError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { SILENT_AFTER } from './lock-heartbeat.js';
import { isLocked, LOCK_NAME, lockFolder } from './run-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const writeLock = (holder: unknown): Promise<void> => writeFile(join(folder, LOCK_NAME), JSON.stringify(holder));
const since = '2020-01-01T00:00:00.000Z';

describe('lockFolder', () => {
  it('keeps others out until it is released', async () => {
    const release = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(ConfigError);
    expect(() => lockFolder(folder)).toThrow(`process ${process.pid} on ${hostname()}`);
    release();
    expect(await readdir(folder)).toEqual([]);
    lockFolder(folder)();
  });

  it('keeps other threads of this process out', async () => {
    await writeLock({ pid: process.pid, host: hostname(), since: new Date().toISOString() });
    expect(() => lockFolder(folder)).toThrow(ConfigError);
  });

  it('respects a running process', async () => {
    await writeLock({ pid: process.ppid, host: hostname(), since });
    expect(() => lockFolder(folder)).toThrow(`process ${process.ppid}`);
  });

  it('respects a process on another machine, of which nothing is known', async () => {
    await writeLock({ pid: 1, host: `not-${hostname()}`, since });
    expect(() => lockFolder(folder)).toThrow(`on not-${hostname()} works here since ${since}`);
  });

  describe('of a process in another container', () => {
    const elsewhere = { pid: process.pid, host: hostname(), since: new Date().toISOString(), place: 'another' };
    const file = (): string => join(folder, LOCK_NAME);

    it('is respected while that gives signs of life, by the clock of the file system', async () => {
      await writeLock(elsewhere);
      expect(() => lockFolder(folder)).toThrow(`process ${process.pid} on ${hostname()} works here`);
      expect(isLocked(folder)).toBe(true);
      expect(await readdir(folder)).toEqual([LOCK_NAME]);
    });

    it('is taken over when nothing was heard of it for two minutes', async () => {
      await writeLock(elsewhere);
      const last = Date.now() / 1000 - SILENT_AFTER;
      await utimes(file(), last + 5, last + 5);
      expect(() => lockFolder(folder)).toThrow(ConfigError);
      await utimes(file(), last - 1, last - 1);
      expect(isLocked(folder)).toBe(false);
      lockFolder(folder)();
      expect(await readdir(folder)).toEqual([]);
    });

    it('lets the other one change no file any more, should it only have slept', async () => {
      const release = lockFolder(folder);
      await writeLock(elsewhere);
      await expect(writeFileAtomic(join(folder, 'file'), 'late')).rejects.toThrow(/\.lock: this folder was taken over by another process/);
      release();
      expect(await readdir(folder)).toEqual([LOCK_NAME]);
    });
  });

  it('gives signs of life while its thread is busy, and writes nothing into the lock of another', async () => {
    const [kept, lost] = [join(folder, 'kept'), join(folder, 'lost')];
    const another = JSON.stringify({ pid: process.ppid, host: hostname(), since });
    const locks = await Promise.all([kept, lost].map(async (path) => {
      await mkdir(path);
      return { file: join(path, LOCK_NAME), release: lockFolder(path) };
    }));
    const [ours, theirs] = locks.map(({ file }) => file) as [string, string];
    const text = await readFile(ours, 'utf8');
    await writeFile(theirs, another);
    for (const file of [ours, theirs]) await utimes(file, 1, 1);
    // As ONNX Runtime does it for as long as a step takes.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 11_000);
    expect(Date.now() - statSync(ours).mtimeMs).toBeLessThan(11_500);
    expect(await readFile(ours, 'utf8')).toBe(text);
    expect([await readFile(theirs, 'utf8'), statSync(theirs).mtimeMs]).toEqual([another, 1000]);
    for (const { release } of locks) release();
  });

  it('takes over the lock of a process that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeLock({ pid, host: hostname(), since });
    const release = lockFolder(folder);
    expect(JSON.parse(await readFile(join(folder, LOCK_NAME), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(folder)).toEqual([LOCK_NAME]);
    release();
  });

  it('takes over the lock of an earlier process that had the id of this one', async () => {
    await writeLock({ pid: process.pid, host: hostname(), since });
    expect(lockFolder(folder)).not.toThrow();
  });

  it('takes over a damaged lock', async () => {
    await writeFile(join(folder, LOCK_NAME), '');
    expect(lockFolder(folder)).not.toThrow();
  });

  it('does not release a lock that has become that of another process', async () => {
    const release = lockFolder(folder);
    await writeLock({ pid: process.ppid, host: hostname(), since });
    release();
    expect(await readdir(folder)).toEqual([LOCK_NAME]);
  });

  it('says that the folder is missing', () => {
    expect(() => lockFolder(join(folder, 'none'))).toThrow(FileError);
  });
});

describe('a leased lock', () => {
  const elsewhere = { pid: 1, host: `not-${hostname()}`, since };

  it('gives way to the next lease, wherever its holder is, and to nothing else', async () => {
    await writeLock({ ...elsewhere, lease: 'first' });
    expect(() => lockFolder(folder)).toThrow(ConfigError);
    const release = lockFolder(folder, 'leased');
    expect(JSON.parse(await readFile(join(folder, LOCK_NAME), 'utf8'))).toMatchObject({ pid: process.pid });
    release();
    expect(await readdir(folder)).toEqual([]);
    await writeLock(elsewhere);
    expect(() => lockFolder(folder, 'leased')).toThrow(ConfigError);
  });

  it('lets no file change any more when it was taken over, and leaves the other lock alone', async () => {
    const release = lockFolder(folder, 'leased');
    const file = join(folder, 'last');
    await writeFileAtomic(file, 'ours');
    await writeLock({ ...elsewhere, lease: 'second' });
    await expect(writeFileAtomic(file, 'late')).rejects.toThrow(/\.lock: the queue has given this folder to another process/);
    release();
    expect(await readFile(file, 'utf8')).toBe('ours');
    expect((await readdir(folder)).sort()).toEqual([LOCK_NAME, 'last']);
    await writeFileAtomic(file, 'not guarded');
  });

  it.each(['before', 'while', 'after'] as const)('lets no file change when the other takes over %s its content is written', async (when) => {
    const release = lockFolder(folder, 'leased');
    const file = join(folder, 'last');
    await writeFileAtomic(file, 'ours');
    // The other one locks and cleans while the content is being written, or the content is begun when it has done so.
    const takeOver = (): void => {
      writeFileSync(join(folder, LOCK_NAME), JSON.stringify({ ...elsewhere, lease: 'second' }));
      for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(join(folder, name));
    };
    function* content(): Generator<Uint8Array> {
      if (when === 'before') takeOver();
      yield Buffer.from('half ');
      if (when === 'while') takeOver();
      yield Buffer.from('late');
      if (when === 'after') takeOver();
    }
    await expect(writeFileAtomic(file, content())).rejects.toThrow(FileError);
    expect(await readFile(file, 'utf8')).toBe('ours');
    release();
  });
});
