import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError } from '../../base/errors.js';
import { writeManifest } from '../manifest-file.js';
import type { ManifestTable } from '../manifest-file.js';
import { writeProblemsFile } from '../problems-file.js';
import type { SourceRow, SourceTable } from './source.js';

/** What {@link writeSource} has written. */
export interface WrittenSource {
  /** Absolute path. */
  readonly manifest: string;
  /** Absolute path of the list of what was left out, if anything was. */
  readonly problems?: string;
}

/**
 * Writes a data set as a manifest, and beside it, as `manifest.problems.csv`, what was left out and why.
 * @param out path of the manifest; `manifest.csv` in the folder of the data set by default.
 * @throws {DataError} when there is no row to write; the problems are written even so.
 * @throws {FileError} when a file cannot be written.
 */
export async function writeSource(table: SourceTable, out?: string): Promise<WrittenSource> {
  const manifest = resolve(out ?? defaultManifest(table.folder));
  const problems = `${manifest.replace(/\.csv$/i, '')}.problems.csv`;
  if (table.problems.length === 0) await rm(problems, { force: true });
  else await writeProblemsFile(problems, table.problems);
  if (table.rows.length === 0) {
    const hint = table.problems.length === 0 ? {} : { hint: `What was left out and why stands in ${problems}.` };
    throw new DataError(`${table.folder}: no picture can be used`, hint);
  }
  await writeManifest(manifest, manifestOf(table));
  return { manifest, ...(table.problems.length === 0 ? {} : { problems }) };
}

/** A data set as the content of a manifest. */
export function manifestOf({ columns, rows }: SourceTable): ManifestTable {
  return { header: columns, rows: rows.map((row) => columns.map((column) => valueOf(row, column))) };
}

/** Where the manifest of a data set lies if nothing else is said. */
export function defaultManifest(folder: string): string {
  return join(folder, 'manifest.csv');
}

function valueOf({ others, ...row }: SourceRow, column: string): string {
  const known = new Map<string, string | number>([...Object.entries(others ?? {}), ...Object.entries(row)]);
  return String(known.get(column) ?? '');
}
