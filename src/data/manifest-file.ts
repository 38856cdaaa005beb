import { stringify } from 'csv-stringify/sync';
import { writeFileAtomic } from '../base/files.node.js';

/** The content of a manifest: the names of the columns, and for each row a value per column; '' where there is none. */
export interface ManifestTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A manifest of which the rows are made one after the other, and are never all there. */
export interface LongTable {
  readonly header: readonly string[];
  readonly rows: Iterable<readonly string[]>;
}

/** Rows that become text together. JavaScript takes no text of half a gigabyte, which a million rows may be. */
const ROWS_TOGETHER = 1000;

/**
 * Writes a CSV manifest (RFC 4180, UTF-8, LF), whole or not at all, however long it is.
 * @throws {FileError} when it cannot be written.
 */
export async function writeManifest(path: string, table: LongTable): Promise<void> {
  await writeFileAtomic(path, piecesOf(table));
}

function* piecesOf({ header, rows }: LongTable): Generator<Uint8Array> {
  let waiting: (readonly string[])[] = [header];
  for (const row of rows) {
    waiting.push(row);
    if (waiting.length < ROWS_TOGETHER) continue;
    yield Buffer.from(stringify(waiting));
    waiting = [];
  }
  if (waiting.length > 0) yield Buffer.from(stringify(waiting));
}

/** The text of a CSV manifest, as {@link writeManifest} writes it. */
export function manifestText({ header, rows }: ManifestTable): string {
  return stringify([header, ...rows]);
}
