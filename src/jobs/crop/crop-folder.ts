import { rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { cleanTemporaryFiles, makeFolder } from '../../base/files.node.js';
import { isInside } from '../../data/folder.js';
import { openJobFolder } from '../job-folder.js';
import type { CropFile } from './record.js';
import type { CropSettings } from './settings.js';

const SETTINGS_FILE = 'crop.json';

/** Where the files of a crop job are, beside the crops. */
export class CropFolder {
  /** As the user gave it. */
  readonly path: string;
  readonly journalFile: string;
  readonly cropsFile: string;
  readonly manifestFile: string;
  /** What was left out, with reasons. */
  readonly problemsFile: string;
  /** Lets other processes go on with the job. */
  readonly release: () => void;

  constructor(path: string, release: () => void) {
    this.path = path;
    this.journalFile = join(path, 'journal.jsonl');
    this.cropsFile = join(path, 'crops.csv');
    this.manifestFile = join(path, 'manifest.csv');
    this.problemsFile = join(path, 'problems.csv');
    this.release = release;
  }

  /** Makes the folders that crops with these names go into, and removes what a killed process left in them. */
  async prepare(stems: readonly string[]): Promise<void> {
    for (const folder of this.#foldersOf(stems)) await makeFolder(folder);
    await this.clean(stems);
  }

  /** Removes what killed processes left in the folders of crops with these names. */
  async clean(stems: readonly string[]): Promise<void> {
    for (const folder of this.#foldersOf(stems)) await cleanTemporaryFiles(folder);
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

  #foldersOf(stems: readonly string[]): Set<string> {
    return new Set([this.path, ...stems.map((stem) => dirname(join(this.path, stem)))]);
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
  const release = await openJobFolder(path, { settingsFile: SETTINGS_FILE, settings: { ...settings }, makes: 'crops' });
  return new CropFolder(path, release);
}
