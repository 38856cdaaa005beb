/** The folder of a job: made for certain settings, kept for one process, and opened again with the same ones alone. */
import { join } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { cleanTemporaryFiles, makeFolder, readJsonObject, writeJsonObject } from '../base/files.node.js';
import { requireEmptyFolder, withLock } from '../training/run-lock.js';

/** Settings as they stand in a file of JSON: values, lists, and objects of such. */
export type JobSettings = Readonly<Record<string, unknown>>;

export interface JobFolderOptions {
  /** Name of the file that holds the settings. */
  readonly settingsFile: string;
  /** What decides what the job makes. */
  readonly settings: JobSettings;
  /** Names of settings that decide where it is made and not what, and hence may be others when a job goes on. */
  readonly mayChange?: readonly string[];
  /** What it makes, for messages: `crops`. */
  readonly makes: string;
}

/**
 * Opens the folder of a job, a new one or one that was begun with the same settings, and locks it.
 * @returns what lets other processes go on with the job
 * @throws {ConfigError} when the folder holds what other settings made or anything else, or another process works there
 * @throws {FileError} when it cannot be made or written
 */
export async function openJobFolder(path: string, options: JobFolderOptions): Promise<() => void> {
  const { settingsFile, settings } = options;
  await makeFolder(path);
  return await withLock(path, async (release) => {
    await cleanTemporaryFiles(path);
    const before = await readJsonObject(join(path, settingsFile));
    if (before !== undefined) requireSame(path, before, options);
    else {
      await requireEmptyFolder(path, 'Choose a new or an empty folder.');
      await writeJsonObject(join(path, settingsFile), settings);
    }
    return release;
  });
}

function requireSame(path: string, settingsBefore: JobSettings, { settings, settingsFile, makes, mayChange = [] }: JobFolderOptions): void {
  const [before, now] = [settingsBefore, settings].map((values) => new Map(leavesOf(values)));
  for (const name of new Set([...before!.keys(), ...now!.keys()])) {
    const [was, is] = [before!.get(name) ?? 'none', now!.get(name) ?? 'none'];
    if (was === is || mayChange.includes(name)) continue;
    throw new ConfigError(`${path}: holds ${makes} that were made with another ${name}: ${was}, now ${is}`, {
      hint: `Choose another folder, or go on with the settings in its ${settingsFile}.`,
    });
  }
}

/** Every value with the way to it (`parameters.learningRate.min`), as JSON. Lists count as values. */
function leavesOf(settings: JobSettings, prefix = ''): [name: string, json: string][] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return isPlain(value) ? leavesOf(value, `${prefix}${name}.`) : [[`${prefix}${name}`, JSON.stringify(value)]];
  });
}

function isPlain(value: unknown): value is JobSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
