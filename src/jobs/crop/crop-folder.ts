import { rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../base/errors.js';
import { cleanTemporaryFiles, makeFolder, readJsonObject, writeJsonObject } from '../../base/files.node.js';
import { isInside } from '../../data/folder.js';
import { requireEmptyFolder, withLock } from '../../training/run-lock.js';
import type { CropFile } from './record.js';
import type { CropSettings } from './settings.js';

/** Where the files of a crop job are, beside the crops. */
export class CropFolder {
  /** As the user gave it. */
  readonly path: string;
  readonly settingsFile: string;
  readonly journalFile: string;
  readonly cropsFile: string;
  readonly manifestFile: string;
  /** What was left out, with reasons. */
  readonly problemsFile: string;
  /** Lets other processes go on with the job. */
  readonly release: () => void;

  constructor(path: string, release: () => void) {
    this.path = path;
    this.settingsFile = join(path, 'crop.json');
    this.journalFile = join(path, 'journal.jsonl');
    this.cropsFile = join(path, 'crops.csv');
    this.manifestFile = join(path, 'manifest.csv');
    this.problemsFile = join(path, 'problems.csv');
    this.release = release;
  }

  /** Makes the folders that crops with these names go into, and removes what a killed process left in them. */
  async prepare(stems: readonly string[]): Promise<void> {
    const folders = new Set([this.path, ...stems.map((stem) => dirname(join(this.path, stem)))]);
    for (const folder of folders) {
      await makeFolder(folder);
      await cleanTemporaryFiles(folder);
    }
  }

  /** Whether all these crops are there: after a loss of power, some may be missing or empty. */
  async holdsAll(crops: readonly CropFile[]): Promise<boolean> {
    for (const { crop, bytes } of crops) {
      if (crop === '') continue;
      const status = await stat(join(this.path, crop)).catch(() => undefined);
      if (status?.size !== bytes) return false;
    }
    return true;
  }

  /** Removes a crop, wherever its name came from: only in this folder. */
  async remove(crop: string): Promise<void> {
    const file = resolve(this.path, crop);
    if (isInside(file, resolve(this.path))) await rm(file, { force: true });
  }
}

/**
 * Opens the folder of a crop job, a new one or one that was begun with the same settings, and locks it.
 * @throws {ConfigError} when the folder holds the crops of other settings or anything else, or another process works there
 * @throws {FileError} when it cannot be made or written
 */
export async function openCropFolder(path: string, settings: CropSettings): Promise<CropFolder> {
  await makeFolder(path);
  return await withLock(path, async (release) => {
    const folder = new CropFolder(path, release);
    const before = await readJsonObject(folder.settingsFile);
    if (before !== undefined) requireSame(path, before, settings);
    else {
      await requireEmptyFolder(path, 'Choose a new or an empty folder.');
      await writeJsonObject(folder.settingsFile, settings);
    }
    return folder;
  });
}

function requireSame(path: string, before: Record<string, unknown>, settings: CropSettings): void {
  const now: Record<string, unknown> = { ...settings };
  for (const name of Object.keys({ ...before, ...now })) {
    if (isDeepStrictEqual(before[name], now[name])) continue;
    const [was, is] = [before, now].map((values) => (name in values ? JSON.stringify(values[name]) : 'none'));
    throw new ConfigError(`${path}: holds crops that were made with another ${name}: ${was!}, now ${is!}`, {
      hint: 'Choose another folder, or go on with the settings in its crop.json.',
    });
  }
}
