import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { isAddress } from '../base/download.node.js';
import { ConfigError, DataError } from '../base/errors.js';
import { plainText } from '../base/plain-text.js';
import { addressFault, parseS3, pathOfAddress } from '../data/addresses.js';
import { findPictures, isInside, requireFolder } from '../data/folder.js';
import { readManifestRows } from '../data/manifest-rows.js';
import { listObjects } from '../data/s3.js';
import type { Problem } from '../data/sample.js';
import { readAdience } from '../data/sources/adience.js';
import { manifestOf } from '../data/sources/write-source.js';
import { readTextFile } from '../data/text-file.js';
import { isPictureName } from '../images/picture.js';

/** The pictures that a job works on. */
export interface JobPictures {
  /** The folder that `files` are relative to, without links in its path; that of the results where all are addresses. */
  readonly root: string;
  /** Relative paths with `/`, or addresses, each once, in the order of the source. */
  readonly files: readonly string[];
  /** Relative paths that stand for the files in the names of what is made of them, where they are not the same. */
  readonly names?: readonly string[];
  /** What the source holds and is left out. */
  readonly problems: readonly Problem[];
  /** The rows of a manifest, which the results carry on. */
  readonly table?: SourceTable;
}

/** The columns and rows of a manifest. */
export interface SourceTable {
  readonly header: readonly string[];
  /** Index of the column `file`. */
  readonly fileColumn: number;
  readonly rows: readonly { readonly file: string; readonly values: readonly string[] }[];
}

/**
 * Lists the pictures of a folder with all folders below, of a CSV manifest, of a text file with an address in each line, below
 * an address of S3 that ends in `/`, at a single address, or of fold files of Adience, of which the rows are those that
 * `readAdience` gives. They are neither fetched nor decoded.
 * @param source a path or an address, or the paths of several fold files
 * @param root what the paths of a manifest start from; its own folder by default
 * @param out the folder of the results, which is not part of the source although it may lie in it
 * @throws {DataError} when there is no such source, it holds no picture, or it is no manifest
 * @throws {FileError} when S3 does not list what is there
 * @throws {ConfigError} when it lies in the folder of the results, several paths are not all fold files of one data set,
 *   or a root is given that is not of a manifest
 */
export async function openJobPictures(
  source: string | readonly string[],
  root: string | undefined,
  out: string,
): Promise<JobPictures> {
  const paths = [source].flat() as [string, ...string[]];
  const [path] = paths;
  const kinds = await Promise.all(paths.map(kindOf));
  if (paths.length > 1) requireFoldsOfOneFolder(paths, kinds);
  const [kind] = kinds;
  if (root !== undefined && kind !== 'manifest') {
    throw new ConfigError(`root: only a CSV manifest can have one, and ${path} is a ${kind!}`, { hint: 'Leave it out.' });
  }
  const realOut = await realpath(out).catch(() => resolve(out));
  if (kind === 'list' || kind === 'address') {
    return requirePictures(paths, kind === 'list' ? await listAddresses(path, realOut) : await listAddress(path, realOut));
  }
  const folder = { folder: path, 'fold file': adienceFolder(path), manifest: root ?? dirname(path) }[kind!];
  const realRoot = await requireFolder(folder);
  if (isInside(realRoot, realOut)) {
    throw new ConfigError(`${folder}: lies in the folder of the results, ${out}`, {
      hint: 'Choose another folder for them.',
    });
  }
  const list = {
    folder: () => listFolder(realRoot, realOut),
    'fold file': () => listFolds(paths, folder, realRoot),
    manifest: () => listManifest(path, folder, realOut),
  }[kind!];
  return requirePictures(paths, await list());
}

function requirePictures(paths: readonly string[], found: JobPictures): JobPictures {
  if (found.files.length > 0) return found;
  const first = found.problems[0];
  throw new DataError(`${paths.join(', ')}: no picture in it${first === undefined ? '' : `; ${plainText(first.file)}: ${first.reason}`}`);
}

/** A source in the form that stays the same from another working folder. */
export function absoluteSource(source: string): string {
  return isAddress(source) ? source : resolve(source);
}

type SourceKind = 'folder' | 'fold file' | 'manifest' | 'list' | 'address';

async function kindOf(path: string): Promise<SourceKind> {
  if (isAddress(path)) return 'address';
  const status = await stat(path).catch((error: unknown) => {
    throw new DataError(`${path}: no such folder or manifest`, { cause: error });
  });
  if (status.isDirectory()) return 'folder';
  if (isPictureName(path)) {
    throw new DataError(`${path}: is a picture`, { hint: 'Give the folder that it lies in, or a CSV manifest.' });
  }
  if (FOLD_FILE.test(basename(path))) return 'fold file';
  return /\.txt$/i.test(path) ? 'list' : 'manifest';
}

function requireFoldsOfOneFolder(paths: readonly string[], kinds: readonly SourceKind[]): void {
  const other = kinds.findIndex((kind) => kind !== 'fold file');
  if (other !== -1) {
    throw new ConfigError(`${paths[other]!}: is a ${kinds[other]!}, and of several sources each must be a fold file of Adience`, {
      hint: 'Give one folder or manifest, or fold_0_data.txt to fold_4_data.txt.',
    });
  }
  const strange = paths.find((path) => dirname(resolve(path)) !== dirname(resolve(paths[0]!)));
  if (strange !== undefined) throw new ConfigError(`${strange}: does not lie beside ${paths[0]!}`, { hint: 'Crop them into two folders.' });
}

async function listFolder(root: string, out: string): Promise<JobPictures> {
  const problems: Problem[] = [];
  const pictures = await findPictures(root, root, problems, out);
  return { root, files: pictures.map((path) => nameIn(root, path)), problems };
}

/** Characters of a line that stand in a message. */
const LONGEST_SHOWN = 200;
const FOLD_FILE = /^fold_([0-4])_data\.txt$/;

/** Where Adience was unpacked to: the fold files lie there or in `folds/` below. */
function adienceFolder(foldFile: string): string {
  const folder = dirname(resolve(foldFile));
  return basename(folder) === 'folds' ? dirname(folder) : folder;
}

async function listFolds(paths: readonly string[], folder: string, realRoot: string): Promise<JobPictures> {
  const folds = new Set(paths.map((path) => Number(FOLD_FILE.exec(basename(path))![1])));
  const { columns, rows, problems } = await readAdience(folder);
  const chosen = rows.filter(({ fold }) => folds.has(fold!));
  const { header, rows: values } = manifestOf({ folder, columns, problems, rows: chosen });
  const fileColumn = header.indexOf('file');
  const table = { header, fileColumn, rows: values.map((row) => ({ file: row[fileColumn]!, values: row })) };
  const places = new Set(paths.map((path) => resolve(path)));
  return { root: realRoot, files: namesOf(table), problems: problems.filter(({ file }) => places.has(file)), table };
}

async function listManifest(path: string, folder: string, out: string): Promise<JobPictures> {
  const { header, rows, root, realRoot, ...manifest } = await readManifestRows(path, folder, { addresses: true });
  const problems = [...manifest.problems];
  const usable: SourceTable['rows'][number][] = [];
  for (const { line, values, file } of rows) {
    const name = isAddress(file) ? file : nameIn(root, file);
    // A file that is not there counts as unreadable.
    const target = isAddress(file) ? undefined : await realpath(file).catch(() => file);
    if (target === undefined || !isInside(target, out)) usable.push({ file: name, values });
    else problems.push({ file: path, line, reason: `the path ${name} leads into the folder of the results` });
  }
  problems.sort((a, b) => a.line! - b.line!);
  const table = { header, fileColumn: header.indexOf('file'), rows: usable };
  const files = namesOf(table);
  const names = files.map((file) => (isAddress(file) ? pathOfAddress(file) : file));
  return { root: realRoot, files, problems, table, ...(files.some(isAddress) ? { names } : {}) };
}

/** A text file with an address in each line; empty lines and those that begin with `#` do not count. */
async function listAddresses(path: string, root: string): Promise<JobPictures> {
  const problems: Problem[] = [];
  const files = new Set<string>();
  for (const [index, text] of (await readTextFile(path)).split(/\r?\n/).entries()) {
    const address = text.trim();
    if (address === '' || address.startsWith('#')) continue;
    const fault = addressFault(address);
    if (fault === undefined) files.add(address);
    else problems.push({ file: path, line: index + 1, reason: `${address.slice(0, LONGEST_SHOWN)} ${fault}` });
  }
  return { root, files: [...files], names: [...files].map(pathOfAddress), problems };
}

/** The picture at an address, or those below one of S3; what is made of these is named from there on. */
async function listAddress(address: string, root: string): Promise<JobPictures> {
  const place = parseS3(address);
  if (place === undefined || !(place.key === '' || place.key.endsWith('/'))) {
    const fault = addressFault(address);
    if (fault !== undefined) throw new DataError(`${address}: ${fault}`);
    return { root, files: [address], names: [pathOfAddress(address)], problems: [] };
  }
  const files: string[] = [];
  const problems: Problem[] = [];
  for await (const file of listObjects(address)) {
    const fault = addressFault(file);
    if (fault !== undefined && !file.endsWith('/')) problems.push({ file, reason: fault });
    else if (isPictureName(file)) files.push(file);
  }
  const above = pathOfAddress(address);
  return { root, files, names: files.map((file) => pathOfAddress(file).slice(above.length + 1)), problems };
}

/** Each file once. */
function namesOf({ rows }: SourceTable): string[] {
  return [...new Set(rows.map(({ file }) => file))];
}

function nameIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/') || basename(path);
}
