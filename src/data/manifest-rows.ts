import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isAddress } from '../base/download.node.js';
import { DataError } from '../base/errors.js';
import { addressFault } from './addresses.js';
import { AGE_BANDS, bandOfAge, parseBand } from './bands.js';
import { slipsAmongBands } from './classes.js';
import { isInside, requireFolder } from './folder.js';
import { readTable } from './manifest-table.js';
import type { Row } from './manifest-table.js';
import type { Problem } from './sample.js';
import { readTextFile } from './text-file.js';

/** Names of the columns for what shows the same person, and for the class, in the order in which they are looked for. */
export const SUBJECT_COLUMNS = ['subject', 'group', 'group_id'] as const;
export const BAND_COLUMNS = ['band', 'label'] as const;

/** A row of a manifest as it stands, with all its columns. */
export interface ManifestRow {
  readonly line: number;
  readonly values: readonly string[];
  /** Absolute path of the picture, in the folder, or its address; it need not be there. */
  readonly file: string;
}

/** The rows of a manifest, whatever its columns mean. */
export interface ManifestRows {
  readonly path: string;
  /** Absolute path of the folder that holds the pictures, and the same without links in it. */
  readonly root: string;
  readonly realRoot: string;
  readonly header: readonly string[];
  readonly rows: readonly ManifestRow[];
  /** The rows that are left out. */
  readonly problems: readonly Problem[];
  /** Those of them that are whole, and are left out for their file or their class. */
  readonly refused: readonly Pick<ManifestRow, 'line' | 'values'>[];
}

interface RowOptions {
  readonly mapped?: boolean;
  readonly addresses?: boolean;
}

/**
 * Reads a CSV manifest row by row, with all columns and without a look at the pictures. A row is reported and left out
 * when it has broken quotes, a wrong number of columns, no file, a path or link out of the folder, or a `band` or `label`
 * that is no age band where most are.
 * @param root the folder that paths are relative to and must stay in; the manifest's own by default.
 * @param options `mapped`: the caller maps bands to others, and looks at each by itself; `addresses`: it fetches pictures
 * @throws {FileError} when the file cannot be read.
 * @throws {DataError} when it has no column `file`, no row can be used, or there is no such folder.
 */
export async function readManifestRows(path: string, root = dirname(path), options: RowOptions = {}): Promise<ManifestRows> {
  const { mapped = false, addresses = false } = options;
  const table = readTable(await readTextFile(path));
  const { header } = table;
  if (!header.includes('file')) {
    throw new DataError(`${path}: the first line must name a column 'file', got ${header.join(', ') || 'nothing'}`);
  }
  const folder = resolve(root);
  const realRoot = await requireFolder(folder);
  const classColumn = findColumn(table, BAND_COLUMNS);
  const valueOf = ({ values }: Row, column: string | undefined): string =>
    (column === undefined ? undefined : values?.[header.indexOf(column)]?.trim()) ?? '';
  const named = table.rows.map((row) => valueOf(row, classColumn)).filter((name) => name !== '');
  const slips = mapped ? [] : slipsAmongBands(named);
  const refusals = await Promise.all(
    table.rows.map(async (row) => {
      const label = valueOf(row, classColumn);
      if (row.values === undefined) return row.damage;
      if (slips.includes(label)) return `${JSON.stringify(label)} is not one of the bands ${AGE_BANDS.join(', ')}`;
      const name = valueOf(row, 'file');
      return isAddress(name) ? addressRefusal(name, addresses) : await pathRefusal(name, folder, realRoot);
    }),
  );
  const rows: ManifestRow[] = [];
  const refused: Pick<ManifestRow, 'line' | 'values'>[] = [];
  const problems: Problem[] = [];
  for (const [index, row] of table.rows.entries()) {
    const { line, values } = row;
    const reason = refusals[index];
    if (reason !== undefined) problems.push({ file: path, line, reason });
    if (values === undefined) continue;
    const name = valueOf(row, 'file');
    if (reason === undefined) rows.push({ line, values, file: isAddress(name) ? name : resolve(folder, name) });
    else refused.push({ line, values });
  }
  if (rows.length === 0) throw new DataError(`${path}: no row can be used${firstReason(problems)}`);
  return { path, root: folder, realRoot, header, rows, problems, refused };
}

function addressRefusal(address: string, isFetched: boolean): string | undefined {
  if (!isFetched) return `${address} is an address: \`ageband crop\` fetches pictures and makes files of their faces`;
  const fault = addressFault(address);
  return fault === undefined ? undefined : `the address ${fault}`;
}

/** Why the file that a row names must not be read, if it is there. */
async function pathRefusal(name: string, folder: string, realRoot: string): Promise<string | undefined> {
  if (name === '') return 'the file is empty';
  if (name.includes('\0')) return 'the path holds a character that no path can hold';
  const path = resolve(folder, name);
  if (!isInside(path, folder)) return `the path ${name} leads out of ${folder}`;
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || isInside(target, realRoot)) return undefined;
  return `the path ${name} is a link out of ${folder}, which is not followed`;
}

/** What to do when the files of a manifest are not found. */
export const ROOT_HINT = 'Where the manifest lies elsewhere than its pictures, name the folder that the file names start from: --root FOLDER.';

/** The first of the problems of a manifest, as the end of a message; nothing if there is none. */
export function firstReason([first]: readonly Problem[]): string {
  return first === undefined ? '' : `; line ${first.line!}: ${first.reason}`;
}

/** The first of these columns that a manifest has. */
export function findColumn({ header }: Pick<ManifestRows, 'header'>, names: readonly string[]): string | undefined {
  return names.find((name) => header.includes(name));
}

/** The values of a column, row by row; `undefined` where the row has none, and everywhere without such a column. */
export function columnValues(
  { header, rows }: Pick<ManifestRows, 'header'> & { rows: readonly Pick<ManifestRow, 'values'>[] },
  name: string | undefined,
): (string | undefined)[] {
  const column = name === undefined ? -1 : header.indexOf(name);
  return rows.map(({ values }) => values[column]?.trim() || undefined);
}

/**
 * The class of each row: its `band` or `label`, with age bands in the spelling of {@link AGE_BANDS}; in a manifest that
 * has neither column, the band of its `age`. `undefined` where there is none, as for an age between two bands.
 */
export function classNames(manifest: ManifestRows): (string | undefined)[] {
  const column = findColumn(manifest, BAND_COLUMNS);
  if (column === undefined) {
    return columnValues(manifest, 'age').map((age) => AGE_BANDS[bandOfAge(Number(age)) ?? -1]);
  }
  return columnValues(manifest, column).map((name) => {
    const band = name === undefined ? undefined : parseBand(name);
    return band === undefined ? name : AGE_BANDS[band];
  });
}

/** The header and the rows with the values of one column set; a column that is not there yet becomes the last. */
export function withColumn(
  { header, rows }: Pick<ManifestRows, 'header'> & { rows: readonly Pick<ManifestRow, 'values'>[] },
  name: string,
  values: readonly string[],
): { header: string[]; rows: { values: string[] }[] } {
  const place = header.includes(name) ? header.indexOf(name) : header.length;
  const set = (row: readonly string[], value: string): string[] => [
    ...row.slice(0, place),
    value,
    ...row.slice(place + 1),
  ];
  return { header: set(header, name), rows: rows.map((row, index) => ({ values: set(row.values, values[index]!) })) };
}
