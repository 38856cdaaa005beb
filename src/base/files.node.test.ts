import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError } from './errors.js';
import {
  cleanTemporaryFiles,
  copyFileAtomic,
  fileError,
  makeFolder,
  readFileIfPresent,
  readJsonObject,
  requireWritableFolder,
  unmakeFolder,
  writeFileAtomic,
  writeFileUnflushed,
} from './files.node.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-files-'));
  path = join(folder, 'a.txt');
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs a script with `files` and `path` in scope in a process of its own. */
function runElsewhere(script: string): ReturnType<typeof spawnSync> {
  const module = JSON.stringify(new URL('./files.node.ts', import.meta.url).href);
  const source = `const path = ${JSON.stringify(path)}; import(${module}).then(async (files) => { ${script} });`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--eval', source]);
}

describe('writeFileAtomic', () => {
  it('tells how many bytes are written, in pieces', async () => {
    const told: [number, number][] = [];
    const chunks = [new Uint8Array(5_000_000).fill(7), Uint8Array.of(1, 2)];
    await writeFileAtomic(path, chunks, (...progress) => told.push(progress));
    expect(told).toEqual([[4_194_304, 5_000_002], [5_000_000, 5_000_002], [5_000_002, 5_000_002]]);
    expect((await readFile(path)).equals(Buffer.concat(chunks))).toBe(true);
    await writeFileAtomic(path, 'é', (...progress) => told.push(progress));
    expect(told.at(-1)).toEqual([2, 2]);
    expect(await readFile(path, 'utf8')).toBe('é');
  });
});

describe('writeFileUnflushed', () => {
  it('writes over an older file, whole or not at all', async () => {
    await writeFileUnflushed(path, 'old');
    await writeFileUnflushed(path, Uint8Array.of(1, 2));
    expect(await readFile(path)).toEqual(Buffer.of(1, 2));
    function* chunks(): Generator<Uint8Array> {
      yield Uint8Array.of(3);
      throw new Error('the source broke');
    }
    await expect(writeFileUnflushed(path, chunks())).rejects.toThrow(`${path}: cannot be written: the source broke`);
    expect(await readFile(path)).toEqual(Buffer.of(1, 2));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });
});

describe('writeFileAtomic', () => {
  it('writes text, bytes and chunks, over an older file too', async () => {
    await writeFileAtomic(path, 'naïve');
    expect(await readFile(path, 'utf8')).toBe('naïve');
    await writeFileAtomic(path, Uint8Array.of(1, 2));
    expect(await readFile(path)).toEqual(Buffer.of(1, 2));
    await writeFileAtomic(path, [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    expect(await readFile(path)).toEqual(Buffer.of(1, 2, 3));
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('keeps the old content and leaves nothing behind when writing fails', async () => {
    await writeFile(path, 'old');
    function* chunks(): Generator<Uint8Array> {
      yield Uint8Array.of(1);
      throw new Error('the source broke');
    }
    await expect(writeFileAtomic(path, chunks())).rejects.toThrow(`${path}: cannot be written: the source broke`);
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('keeps the old content when the process is killed; what is left can be cleaned', async () => {
    await writeFile(path, 'old');
    const { signal } = runElsewhere(`
      await files.writeFileAtomic(path, (function* () {
        yield Buffer.from('new');
        process.kill(process.pid, 'SIGKILL');
        yield Buffer.from('never');
      })());`);
    expect(signal).toBe('SIGKILL');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toHaveLength(2);
    await cleanTemporaryFiles(folder);
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('says that the folder is missing', async () => {
    const lost = join(folder, 'none', 'a.txt');
    await expect(writeFileAtomic(lost, '')).rejects.toThrow(`${lost}: cannot be written: no such file or folder`);
  });

  it('says that the folder is a file', async () => {
    await writeFile(path, '');
    await expect(writeFileAtomic(join(path, 'b.txt'), '')).rejects.toThrow(/a file is in the place of a folder/);
  });

  it('says that the path is a folder', async () => {
    await mkdir(path);
    await expect(writeFileAtomic(path, '')).rejects.toThrow(/it is a folder/);
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it.skipIf(process.platform === 'win32')('says that there is no permission', async () => {
    const isRoot = process.getuid!() === 0;
    await chmod(folder, 0o500);
    if (isRoot) process.seteuid!('nobody'); // nothing is forbidden to root
    try {
      await expect(writeFileAtomic(path, '')).rejects.toThrow(/no permission/);
    } finally {
      if (isRoot) process.seteuid!(0);
      await chmod(folder, 0o700);
    }
  });
});

describe('cleanTemporaryFiles', () => {
  it('keeps other files and those of running processes', async () => {
    const names = ['.ageband-notes.tmp', `.ageband-${process.ppid}-00ff.tmp`];
    await Promise.all(names.map((name) => writeFile(join(folder, name), '')));
    await cleanTemporaryFiles(folder);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
  });

  it('keeps what this process is writing', async () => {
    let cleaned = false;
    function* chunks(): Generator<Uint8Array> {
      while (!cleaned) yield Uint8Array.of(1);
    }
    const writing = writeFileAtomic(path, chunks());
    while ((await readdir(folder)).length === 0);
    await cleanTemporaryFiles(folder);
    cleaned = true;
    await writing;
    expect(await readdir(folder)).toEqual(['a.txt']);
  });

  it('removes the file of an earlier process that had the id of this one', async () => {
    const leftover = join(folder, `.ageband-${process.pid}-00ff.tmp`);
    await writeFile(leftover, '');
    await utimes(leftover, 0, 0);
    await cleanTemporaryFiles(folder);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('readFileIfPresent', () => {
  it('tells a missing file from one that cannot be read', async () => {
    expect(await readFileIfPresent(path)).toBeUndefined();
    await expect(readFileIfPresent(folder)).rejects.toThrow(FileError);
  });
});

describe('readJsonObject', () => {
  it('refuses what is no JSON object, and one whose bottom nobody can reach', async () => {
    const texts = { '{"a":': /is not JSON: /, '[1]': /is not a JSON object/, [`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`]: /is nested more than 100 levels deep/ };
    for (const [text, reason] of Object.entries(texts)) {
      await writeFile(path, text);
      await expect(readJsonObject(path)).rejects.toThrow(reason);
    }
    await writeFile(path, '{"a":[1]}');
    expect(await readJsonObject(path)).toEqual({ a: [1] });
  });
});

describe('fileError', () => {
  it.each([
    ['ENOSPC', /the disk is full/],
    ['EROFS', /the file system is read-only/],
    ['EPERM', /no permission/],
    ['EIO', /input failed/],
  ])('puts %s in words and keeps the cause', (code, words) => {
    const cause = Object.assign(new Error('input failed'), { code });
    const error = fileError('x', 'written', cause);
    expect(error.message).toMatch(words);
    expect(error.cause).toBe(cause);
    expect(error.file).toBe('x');
  });
});

describe('copyFileAtomic', () => {
  it('copies over an older file, and leaves nothing behind when it fails', async () => {
    await writeFile(path, 'new');
    const copy = join(folder, 'b.txt');
    await writeFile(copy, 'old and longer');
    await copyFileAtomic(path, copy);
    expect(await readFile(copy, 'utf8')).toBe('new');
    await expect(copyFileAtomic(join(folder, 'none.txt'), copy)).rejects.toThrow(FileError);
    expect(await readFile(copy, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.txt', 'b.txt']);
  });
});

describe('folders', () => {
  it('unmakeFolder removes what makeFolder has made, unless it holds something', async () => {
    const deep = join(folder, 'x/y/z');
    await unmakeFolder(deep, await makeFolder(deep));
    expect(await readdir(folder)).toEqual([]);
    const made = await makeFolder(deep);
    await writeFile(join(folder, 'x/kept'), '');
    await unmakeFolder(deep, made);
    expect(await readdir(join(folder, 'x'))).toEqual(['kept']);
    await unmakeFolder(join(folder, 'x'), await makeFolder(join(folder, 'x')));
    expect(await readdir(folder)).toEqual(['x']);
  });

  it('makeFolder makes a folder with those above it, and refuses the place of a file', async () => {
    await makeFolder(join(folder, 'x/y'));
    await makeFolder(join(folder, 'x/y'));
    expect(await readdir(join(folder, 'x'))).toEqual(['y']);
    await writeFile(path, '');
    await expect(makeFolder(path)).rejects.toThrow('a file is in the place of a folder');
  });

  it('requireWritableFolder passes where a file can be written, and nowhere else', async () => {
    await requireWritableFolder(path);
    await expect(requireWritableFolder(join(folder, 'none/a.txt'))).rejects.toThrow(FileError);
  });
});
