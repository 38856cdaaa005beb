/** The folder of a training run: where its files are, and how it is created, opened and kept for one process. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, FormatError } from '../base/errors.js';
import { cleanTemporaryFiles, fileError, makeFolder, readJsonObject, unmakeFolder, writeJsonObject } from '../base/files.node.js';
import type { LockKind } from './run-lock.js';
import { requireEmptyFolder, withLock } from './run-lock.js';

/** A configuration as it stands in `config.json`; its fields are checked by whoever knows them. */
export type RunConfig = Readonly<Record<string, unknown>>;

/** Where the files of a run are. */
export class RunFolder {
  /** As the user gave it. */
  readonly path: string;
  readonly configFile: string;
  /** Columns file, label, age, group, split. */
  readonly splitFile: string;
  /** Pictures that were left out, with reasons. */
  readonly problemsFile: string;
  readonly historyCsv: string;
  readonly historyJsonLines: string;
  readonly tensorboardFolder: string;
  readonly checkpointsFolder: string;
  /** The network with the best weights, ready for use. */
  readonly modelFile: string;
  /** The temperatures that `ageband evaluate --calibrate` has fitted. */
  readonly calibrationFile: string;
  /** Which pictures are near copies of each other, so that an evaluation need not look for them again. */
  readonly nearCopiesFile: string;
  readonly curvesPng: string;
  readonly curvesSvg: string;

  constructor(path: string) {
    this.path = path;
    this.configFile = join(path, 'config.json');
    this.splitFile = join(path, 'split.csv');
    this.problemsFile = join(path, 'problems.csv');
    this.historyCsv = join(path, 'history.csv');
    this.historyJsonLines = join(path, 'history.jsonl');
    this.tensorboardFolder = join(path, 'tensorboard');
    this.checkpointsFolder = join(path, 'checkpoints');
    this.modelFile = join(path, 'model.onnx');
    this.calibrationFile = join(path, 'calibration.json');
    this.nearCopiesFile = join(path, 'near-copies.json');
    this.curvesPng = join(path, 'curves.png');
    this.curvesSvg = join(path, 'curves.svg');
  }

  /** The file of the last checkpoint, of the best one, or of that after an epoch (from 1). */
  checkpointFile(which: 'last' | 'best' | number): string {
    const name = typeof which === 'number' ? `epoch-${String(which).padStart(3, '0')}` : which;
    return join(this.checkpointsFolder, `${name}.safetensors`);
  }
}

/** A run in which this process alone may write, until it calls `release`. */
export class LockedRun extends RunFolder {
  /** Lets other processes continue the run. */
  readonly release: () => void;
  /** The uppermost folder that was made for it, if any. */
  readonly made: string | undefined;

  constructor(path: string, release: () => void, made?: string) {
    super(path);
    this.release = release;
    this.made = made;
  }
}

/**
 * Starts a run in a new or empty folder and locks it.
 * @throws {ConfigError} when the folder holds a run or anything else, or another process is starting one there.
 * @throws {FileError} when the folder cannot be made or written.
 */
export async function createRun(path: string, config: RunConfig, kind: LockKind = 'own'): Promise<LockedRun> {
  const made = await makeFolder(path);
  const create = async (release: () => void): Promise<LockedRun> => {
    const run = new LockedRun(path, release, made);
    await cleanRun(run, kind);
    if (await exists(run.configFile)) {
      throw new ConfigError(`${path}: holds a run already`, {
        hint: 'Choose another folder with --out. One that was interrupted goes on with: ageband train --resume --out FOLDER.',
      });
    }
    await requireEmptyFolder(path, 'Choose a new or an empty folder with --out.');
    await writeConfig(run, config);
    await makeFolder(run.checkpointsFolder);
    return run;
  };
  try {
    return await withLock(path, create, kind);
  } catch (error) {
    await unmakeFolder(path, made);
    throw error;
  }
}

/** Whether a run has its first checkpoint; before that nothing is lost if it starts again. */
export async function hasBegun(run: RunFolder): Promise<boolean> {
  return await exists(run.checkpointFile('last'));
}

/**
 * Releases a run that has not begun and removes what it has left in its folder, and the folder if it was made for it. Where that
 * cannot be done, what is left is a run that can be continued.
 */
export async function discardRun(run: LockedRun): Promise<void> {
  try {
    // The configuration goes last: as long as it is there, the folder holds a run that can be continued.
    for (const path of [run.checkpointsFolder, run.calibrationFile, run.problemsFile, run.splitFile, run.configFile]) {
      await rm(path, { recursive: true, force: true });
    }
  } catch {
    // Why the run has not begun is what the user has to hear of.
  }
  run.release();
  await unmakeFolder(run.path, run.made);
}

/**
 * Opens a run to continue it: locks it and removes the temporary files of a killed process.
 * @throws {ConfigError} when the folder holds no run, or another process is working on it.
 */
export async function reopenRun(path: string, kind: LockKind = 'own'): Promise<LockedRun> {
  await openRun(path);
  const reopen = async (release: () => void): Promise<LockedRun> => {
    const run = new LockedRun(path, release);
    await makeFolder(run.checkpointsFolder);
    await cleanRun(run, kind);
    return run;
  };
  return await withLock(path, reopen, kind);
}

/** Removes temporary files from all folders of a run; where the run is leased, also those of whoever had it before. */
async function cleanRun(run: RunFolder, kind: LockKind): Promise<void> {
  for (const folder of [run.path, run.checkpointsFolder, run.tensorboardFolder]) {
    if (await exists(folder)) await cleanTemporaryFiles(folder, kind === 'leased' ? 'all' : 'killed');
  }
}

/**
 * Opens a run to look at it, also while another process is training.
 * @throws {ConfigError} when the folder holds no run.
 * @throws {FileError} when nobody may look into the folder it is in.
 */
export async function openRun(path: string): Promise<RunFolder> {
  const run = new RunFolder(path);
  if (await exists(run.configFile)) return run;
  const status = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(path, 'read', error);
  });
  if (status?.isFile()) {
    throw new ConfigError(`${path}: is a file, but the folder of a run is needed`, {
      hint: 'Of a model file, `ageband import` makes a run.',
    });
  }
  const reason = status === undefined ? 'there is no such folder' : 'holds no run: config.json is missing';
  throw new ConfigError(`${path}: ${reason}`, { hint: 'Give the folder that `ageband train` made with --out.' });
}

/**
 * The content of `config.json`.
 * @throws {FormatError} when it is missing or no JSON object.
 */
export async function readConfig(run: RunFolder): Promise<RunConfig> {
  const config = await readJsonObject(run.configFile);
  if (config === undefined) throw new FormatError(run.configFile, 'is missing');
  return config;
}

/** Writes `config.json`. */
export async function writeConfig(run: RunFolder, config: RunConfig): Promise<void> {
  await writeJsonObject(run.configFile, config);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
