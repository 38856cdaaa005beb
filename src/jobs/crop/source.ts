import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { ConfigError, DataError } from '../../base/errors.js';
import { findPictures, isInside } from '../../data/folder.js';
import { readTable } from '../../data/manifest-table.js';
import type { Problem } from '../../data/sample.js';
import { readAdience } from '../../data/sources/adience.js';
import { manifestOf } from '../../data/sources/write-source.js';
import { readTextFile } from '../../data/text-file.js';
import { isPictureName } from '../../images/picture.js';

/** The pictures to crop. */
export interface CropSource {
  /** The folder that `files` are relative to, without links in its path. */
  readonly root: string;
  /** Relative paths with `/`, each once, in the order of the source. */
  readonly files: readonly string[];
  /** What the source holds and is left out. */
  readonly problems: readonly Problem[];
  /** The rows of a manifest, which the crops carry on. */
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
 * Lists the pictures of a folder with all folders below, of a CSV manifest, or of a fold file of Adience, of which the
 * rows are those that `readAdience` gives. They are not decoded.
 * @param root what the paths of a manifest start from; its own folder by default
 * @param out the folder of the crops, which is not part of the source although it may lie in it
 * @throws {DataError} when there is no such source, it holds no picture, or it is no manifest
 * @throws {ConfigError} when it lies in the folder of the crops
 */
export async function openCropSource(source: string, root: string | undefined, out: string): Promise<CropSource> {
  const status = await stat(source).catch((error: unknown) => {
    throw new DataError(`${source}: no such folder or manifest`, { cause: error });
  });
  if (!status.isDirectory() && isPictureName(source)) {
    throw new DataError(`${source}: is a picture`, { hint: 'Give the folder that it lies in, or a CSV manifest.' });
  }
  const fold = status.isDirectory() ? undefined : FOLD_FILE.exec(basename(source))?.[1];
  const folder = status.isDirectory() ? source : (root ?? (fold === undefined ? dirname(source) : adienceFolder(source)));
  const realRoot = await realpath(folder).catch((error: unknown) => {
    throw new DataError(`${folder}: no such folder`, { cause: error });
  });
  const realOut = await realpath(out).catch(() => resolve(out));
  if (isInside(realRoot, realOut)) {
    throw new ConfigError(`${folder}: lies in the folder of the crops, ${out}`, {
      hint: 'Choose another folder for the crops.',
    });
  }
  const list = (): Promise<CropSource> => {
    if (status.isDirectory()) return listFolder(realRoot, realOut);
    if (fold !== undefined) return listFold(resolve(source), Number(fold), folder, realRoot);
    return listManifest(source, resolve(folder), realRoot, realOut);
  };
  const found = await list();
  if (found.files.length > 0) return found;
  const first = found.problems[0];
  throw new DataError(`${source}: no picture to crop${first === undefined ? '' : `; ${first.file}: ${first.reason}`}`);
}

async function listFolder(root: string, out: string): Promise<CropSource> {
  const problems: Problem[] = [];
  const pictures = await findPictures(root, root, problems, out);
  return { root, files: pictures.map((path) => nameIn(root, path)), problems };
}

const FOLD_FILE = /^fold_(\d)_data\.txt$/;

/** Where Adience was unpacked to: the fold files lie there or in `folds/` below. */
function adienceFolder(foldFile: string): string {
  const folder = dirname(resolve(foldFile));
  return basename(folder) === 'folds' ? dirname(folder) : folder;
}

async function listFold(path: string, fold: number, folder: string, realRoot: string): Promise<CropSource> {
  const { columns, rows, problems } = await readAdience(folder);
  const { header, rows: values } = manifestOf({ folder, columns, problems, rows: rows.filter((row) => row.fold === fold) });
  const fileColumn = header.indexOf('file');
  const table = { header, fileColumn, rows: values.map((row) => ({ file: row[fileColumn]!, values: row })) };
  const files = [...new Set(table.rows.map(({ file }) => file))];
  return { root: realRoot, files, problems: problems.filter(({ file }) => file === path), table };
}

async function listManifest(path: string, folder: string, realRoot: string, out: string): Promise<CropSource> {
  const { header, rows } = readTable(await readTextFile(path));
  const fileColumn = header.indexOf('file');
  if (fileColumn === -1) {
    throw new DataError(`${path}: the first line must name a column 'file', got ${header.join(', ')}`);
  }
  const problems: Problem[] = [];
  const usable: { file: string; values: string[] }[] = [];
  for (const row of rows) {
    const name = row.values?.[fileColumn]?.trim() ?? '';
    const reason = row.values === undefined ? row.damage : await refusalOf(name, folder, realRoot, out);
    if (row.values === undefined || reason !== undefined) problems.push({ file: path, line: row.line, reason: reason! });
    else usable.push({ file: nameIn(folder, resolve(folder, name)), values: row.values });
  }
  const files = [...new Set(usable.map(({ file }) => file))];
  return { root: realRoot, files, problems, table: { header, fileColumn, rows: usable } };
}

/** Why the file that a row names is not read. One that is not there is no such reason: it counts as unreadable. */
async function refusalOf(name: string, folder: string, realRoot: string, out: string): Promise<string | undefined> {
  if (name === '') return 'the file is empty';
  const path = resolve(folder, name);
  if (!isInside(path, folder)) return `the path ${name} leads out of ${folder}`;
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) return undefined;
  if (!isInside(target, realRoot)) return `the path ${name} is a link out of ${folder}, which is not followed`;
  return isInside(target, out) ? `the path ${name} leads into the folder of the crops` : undefined;
}

function nameIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/') || basename(path);
}
