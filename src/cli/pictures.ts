import { stat } from 'node:fs/promises';
import { glob, isDynamicPattern } from 'tinyglobby';
import { findPictures } from '../data/folder.js';
import type { Problem } from '../data/sample.js';

/** A name or picture that is left out, and why. */
export interface Failure {
  file: string;
  error: string;
}

/** What the names on a command line stand for. */
export interface NamedPictures {
  /** Picture files, in the order of the names they came from, each once. */
  files: string[];
  failures: Failure[];
}

/**
 * The picture files that names on a command line stand for: a file is itself, a folder is every picture in it and
 * below it, a glob (`'photos/*.jpg'`, for shells that do not expand it) is the files that match.
 */
export async function namedPictures(names: readonly string[]): Promise<NamedPictures> {
  const files = new Set<string>();
  const failures: Failure[] = [];
  for (const name of names) {
    const expanded = await expand(name);
    for (const file of expanded.files) files.add(file);
    failures.push(...expanded.failures);
  }
  return { files: [...files], failures };
}

async function expand(name: string): Promise<NamedPictures> {
  const kind = await kindOf(name);
  if (kind === 'file') return { files: [name], failures: [] };
  if (kind === 'folder') return await picturesInFolder(name);
  const pattern = process.platform === 'win32' ? name.replaceAll('\\', '/') : name;
  if (!isDynamicPattern(pattern)) return nothing(name, 'no such file or folder');
  const files = await glob(pattern);
  return files.length > 0 ? { files: files.sort(), failures: [] } : nothing(name, 'no file matches');
}

async function picturesInFolder(folder: string): Promise<NamedPictures> {
  const problems: Problem[] = [];
  const files = await findPictures(folder, folder, problems);
  if (files.length === 0 && problems.length === 0) return nothing(folder, 'no picture in this folder');
  return { files, failures: problems.map(({ file, reason }) => ({ file, error: reason })) };
}

function nothing(name: string, error: string): NamedPictures {
  return { files: [], failures: [{ file: name, error }] };
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
