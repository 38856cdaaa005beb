import { basename, relative, resolve } from 'node:path';
import { DataError } from '../../base/errors.js';
import { AGE_BANDS, parseBand } from '../bands.js';
import { findPictures, readFolder, requireFolder } from '../folder.js';
import type { Problem } from '../sample.js';
import { parseSplit } from '../split-folders.js';
import { rowsWithPictures } from './check-pictures.js';
import { asLeftOut, asPlace, slashed } from './named-pictures.js';
import { LeftOutError, parseAge, readEntries, withBand } from './source.js';
import type { BetweenRule, LeftOut, SourceOptions, SourceRow, SourceTable } from './source.js';

/** What the name of a folder tells of its pictures. */
type FolderLabel = Omit<SourceRow, 'file'>;

/**
 * Reads a folder that holds a folder per age (`23/`), per band (`8-13/`, in any spelling) or per class; folders below
 * those belong to them. When one name is an age or a band, all must be, and the others are reported; else they are
 * names of classes. Columns: file, then band, or band and age, or label.
 * @throws {DataError} when there is no such folder, it holds no folders, or folders of splits.
 */
export async function readLabelledFolders(folder: string, options: SourceOptions = {}): Promise<SourceTable> {
  const { between = 'keep', onProgress } = options;
  const root = resolve(folder);
  await requireFolder(root);
  const found: Problem[] = [];
  const { folders, pictures } = await readFolder(root, root, found);
  requireLabels(root, folders);
  const names = folders.map((path) => basename(path));
  const ofAges = names.some((name) => isAge(name) || parseBand(name) !== undefined);
  const problems: LeftOut[] = pictures.map((file) => ({
    ...{ file, kind: 'damaged', reason: 'the picture lies outside the folders that tell its label' },
  }));
  const labels = readEntries(folders, asPlace, problems, (path) => {
    return { path, label: ofAges ? labelOfName(basename(path), between) : { label: basename(path) } };
  });
  const rows = [];
  for (const { path, label } of labels) {
    for (const picture of await findPictures(path, root, found)) {
      rows.push({ row: { file: slashed(relative(root, picture)), ...label }, place: asPlace(picture) });
    }
  }
  for (const problem of found) problems.push(asLeftOut(problem));
  const columns = ofAges ? ['file', 'band', ...(names.some(isAge) ? ['age'] : [])] : ['file', 'label'];
  return { folder: root, columns, rows: await rowsWithPictures(rows, root, problems, onProgress), problems };
}

function requireLabels(root: string, folders: readonly string[]): void {
  if (folders.length === 0) {
    throw new DataError(`${root}: no folders`, { hint: 'Put the pictures into one folder per age, band or class.' });
  }
  if (folders.some((path) => parseSplit(basename(path)) !== undefined)) {
    throw new DataError(`${root}: holds folders of splits`, {
      hint: 'It needs no manifest: give the folder itself to `ageband train`.',
    });
  }
}

function isAge(name: string): boolean {
  return /^\d{1,3}$/.test(name);
}

/** @throws {LeftOutError} when the name is neither an age nor a band. */
function labelOfName(name: string, between: BetweenRule): FolderLabel {
  const band = parseBand(name);
  if (band !== undefined) return { band: AGE_BANDS[band]! };
  if (isAge(name)) return withBand(parseAge(name), between);
  throw new LeftOutError('label', `left out: ${JSON.stringify(name)} is neither an age nor an age band`);
}
