import { stringify } from 'csv-stringify/sync';
import { writeFileAtomic } from '../base/files.node.js';

/** The content of a manifest: the names of the columns, and for each row a value per column; '' where there is none. */
export interface ManifestTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Writes a CSV manifest (RFC 4180, UTF-8, LF), whole or not at all.
 * @throws {FileError} when it cannot be written.
 */
export async function writeManifest(path: string, table: ManifestTable): Promise<void> {
  await writeFileAtomic(path, manifestText(table));
}

/** The text of a CSV manifest, as {@link writeManifest} writes it. */
export function manifestText({ header, rows }: ManifestTable): string {
  return stringify([header, ...rows]);
}
