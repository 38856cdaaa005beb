import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DataError, messageOf } from '../base/errors.js';
import { AGE_BANDS, bandOfAge, parseBand } from './bands.js';
import { isInside } from './folder.js';
import { readTable } from './manifest-table.js';
import type { Problem } from './sample.js';

/** Names of the columns for what shows the same person, and for the class, in the order in which they are looked for. */
export const SUBJECT_COLUMNS = ['subject', 'group', 'group_id'] as const;
export const BAND_COLUMNS = ['band', 'label'] as const;

/** A row of a manifest as it stands, with all its columns. */
export interface ManifestRow {
  readonly line: number;
  readonly values: readonly string[];
  /** Absolute path of the picture; it need not be there. */
  readonly file: string;
}

/** The rows of a manifest, whatever its columns mean. */
export interface ManifestRows {
  readonly path: string;
  /** Absolute path of the folder that holds the pictures. */
  readonly root: string;
  readonly header: readonly string[];
  readonly rows: readonly ManifestRow[];
  /** The rows that are left out. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a CSV manifest row by row, with all columns and without a look at the pictures. A row with broken quotes or a
 * wrong number of columns, without a file, or with a path out of the folder is reported and left out.
 * @param root the folder that paths are relative to and must stay in; the manifest's own by default.
 * @throws {DataError} when the file cannot be read, has no column `file`, or no row can be used.
 */
export async function readManifestRows(path: string, root = dirname(path)): Promise<ManifestRows> {
  const table = readTable(await readText(path));
  const fileColumn = table.header.indexOf('file');
  if (fileColumn === -1) {
    throw new DataError(`${path}: the first line must name a column 'file', got ${table.header.join(', ')}`);
  }
  const folder = resolve(root);
  const rows: ManifestRow[] = [];
  const problems: Problem[] = [];
  for (const row of table.rows) {
    const { line, values } = row;
    const name = values?.[fileColumn]!.trim() ?? '';
    const file = resolve(folder, name);
    const report = (reason: string): void => void problems.push({ file: path, line, reason });
    if (values === undefined) report(row.damage);
    else if (name === '') report('the file is empty');
    else if (!isInside(file, folder)) report(`the path ${name} leads out of ${folder}`);
    else rows.push({ line, values, file });
  }
  if (rows.length === 0) {
    const [first] = problems;
    const because = first === undefined ? '' : `; line ${first.line!}: ${first.reason}`;
    throw new DataError(`${path}: no row can be used${because}`);
  }
  return { path, root: folder, header: table.header, rows, problems };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new DataError(`${path}: the manifest cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** The first of these columns that a manifest has. */
export function findColumn({ header }: ManifestRows, names: readonly string[]): string | undefined {
  return names.find((name) => header.includes(name));
}

/** The values of a column, row by row; `undefined` where the row has none, and everywhere without such a column. */
export function columnValues({ header, rows }: ManifestRows, name: string | undefined): (string | undefined)[] {
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
