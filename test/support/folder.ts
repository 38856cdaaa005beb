import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readTable } from '../../src/data/manifest-table.js';

/** A folder with these files (relative paths and contents) that is removed when the test that asks for it has ended. */
export async function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ageband-test-')));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** Files of these names, all empty. */
export function emptyFiles(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** Every file of a folder and the folders below by its path, the content in hexadecimal, apart from files of a name. */
export async function contentOf(folder: string, except: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== except);
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  const contents = paths.map(async (path) => [path.slice(folder.length + 1), (await readFile(path)).toString('hex')] as const);
  return Object.fromEntries(await Promise.all(contents));
}

/** The rows of a CSV file by the names of its columns. */
export async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const { header, rows } = readTable(await readFile(path, 'utf8'));
  return rows.map(({ values }) => Object.fromEntries(header.map((name, index) => [name, values![index]!])));
}
