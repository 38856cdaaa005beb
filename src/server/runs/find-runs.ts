import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { RunFolder } from '../../training/run-folder.js';

/** Folders below the one that is named in which runs are looked for: a sweep has its trials two levels down. */
const DEPTH = 3;
const MOST_RUNS = 500;

/** A run, and the name by which a request may mean it. */
export interface FoundRun {
  /** Its path from the folder of all runs, with slashes. */
  readonly id: string;
  readonly path: string;
}

/** The runs in a folder and those below it, by name. Folders inside a run are not looked into. */
export async function findRuns(folder: string): Promise<FoundRun[]> {
  const root = resolve(folder);
  const found: FoundRun[] = [];
  await look(root, root, DEPTH, found);
  return found;
}

async function look(root: string, folder: string, depth: number, found: FoundRun[]): Promise<void> {
  if (await isRun(folder)) {
    if (found.length < MOST_RUNS) found.push({ id: relative(root, folder).split(sep).join('/') || '.', path: folder });
    return;
  }
  if (depth === 0) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  for (const name of names.sort()) await look(root, join(folder, name), depth - 1, found);
}

async function isRun(folder: string): Promise<boolean> {
  return await stat(new RunFolder(folder).configFile).then(
    (file) => file.isFile(),
    () => false,
  );
}
