import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, FileError, FormatError } from '../base/errors.js';
import { createRun, discardRun, openRun, readConfig, reopenRun, RunFolder, writeConfig } from './run-folder.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-run-'));
  path = join(folder, 'runs', 'x');
});
afterEach(() => rm(folder, { recursive: true }));

/** A temporary file of a process that no longer runs. */
const leftover = `.ageband-${spawnSync(process.execPath, ['--version']).pid}-00ff.tmp`;

describe('RunFolder', () => {
  it('names checkpoints so that they sort by epoch', () => {
    const run = new RunFolder('x');
    expect(run.checkpointFile('best')).toBe(join('x', 'checkpoints', 'best.safetensors'));
    expect(run.checkpointFile(3)).toBe(join('x', 'checkpoints', 'epoch-003.safetensors'));
  });
});

describe('createRun', () => {
  it('makes the folder and keeps the configuration', async () => {
    const run = await createRun(path, { model: 'baseline', epochs: 40 });
    run.release();
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.json']);
    expect(await readConfig(await openRun(path))).toEqual({ model: 'baseline', epochs: 40 });
  });

  it('does not overwrite a run', async () => {
    (await createRun(path, {})).release();
    const refused = createRun(path, {});
    await expect(refused).rejects.toThrow(`${path}: holds a run already`);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('--resume') as string });
  });

  it('does not mix with other files', async () => {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'thesis.tex'), '');
    await expect(createRun(path, {})).rejects.toThrow(`${path}: is not empty: it holds thesis.tex`);
    expect(await readdir(path)).toEqual(['thesis.tex']);
  });

  it('starts where a process was killed before it had written the configuration', async () => {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, leftover), '');
    (await createRun(path, {})).release();
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.json']);
  });

  it('starts one run when two are started at once', async () => {
    const results = await Promise.allSettled([createRun(path, {}), createRun(path, {})]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('leaves nothing of one that has not begun, folders above it that were made for it included', async () => {
    const below = join(path, 'deep', 'run');
    await discardRun(await createRun(below, {}));
    expect(await readdir(folder)).toEqual([]);
    // What was there before stays, and so does what holds something else.
    await mkdir(path, { recursive: true });
    const run = await createRun(below, {});
    await writeFile(join(path, 'deep', 'notes.txt'), '');
    await discardRun(run);
    expect(await readdir(join(path, 'deep'))).toEqual(['notes.txt']);
  });

  it('says that a file is in the way', async () => {
    await writeFile(join(folder, 'runs'), '');
    await expect(createRun(path, {})).rejects.toThrow(FileError);
  });
});

describe('reopenRun', () => {
  it('locks the run and clears up after a killed process', async () => {
    (await createRun(path, {})).release();
    await writeFile(join(path, leftover), '');
    await writeFile(join(path, 'checkpoints', leftover), '');
    const run = await reopenRun(path);
    await expect(reopenRun(path)).rejects.toThrow(ConfigError);
    run.release();
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.json']);
    expect(await readdir(run.checkpointsFolder)).toEqual([]);
  });
});

describe('openRun', () => {
  it('opens a run that is being trained', async () => {
    const training = await createRun(path, {});
    expect((await openRun(path)).configFile).toBe(training.configFile);
    training.release();
  });

  it('says what is missing', async () => {
    await expect(openRun(path)).rejects.toThrow(`${path}: there is no such folder`);
    await expect(openRun(folder)).rejects.toThrow(`${folder}: holds no run`);
    await expect(openRun(folder)).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('readConfig', () => {
  it('refuses what is no JSON object', async () => {
    const run = await createRun(path, {});
    await writeFile(run.configFile, '{"epochs":');
    await expect(readConfig(run)).rejects.toThrow(FormatError);
    await writeFile(run.configFile, '[]');
    await expect(readConfig(run)).rejects.toThrow(/not a JSON object/);
    await writeConfig(run, { epochs: 41 });
    expect(await readConfig(run)).toEqual({ epochs: 41 });
    run.release();
  });
});
