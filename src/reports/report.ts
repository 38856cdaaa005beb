import { join } from 'node:path';
import { openRun } from '../training/run-folder.js';
import type { DataOptions, PictureListener } from './measured-run.js';
import { measureRun } from './measured-run.js';
import { reportDocument } from './report-document.js';
import type { DocumentFiles } from './write-document.js';
import { documentFiles, writeDocument } from './write-document.js';

export interface ReportOptions extends DataOptions {
  /** The page to write, `NAME.html`, with `NAME.md` and `NAME-files/` beside it; `report.html` in the run by default. */
  readonly out?: string;
  /** Whether the report shows pictures of the data set. Default: true. */
  readonly pictures?: boolean;
}

/**
 * Writes a report on a run: one HTML file that needs nothing else, and the same as Markdown.
 * @param listen is told how many pictures have been read and measured; nothing needs to be where the run remembers
 * @throws {ConfigError} {FormatError} when there is no run, or it is damaged
 * @throws {DataError} when there are no pictures that can be read
 * @throws {FileError} when the report cannot be written
 */
export async function writeReport(run: string, options: ReportOptions = {}, listen?: PictureListener): Promise<DocumentFiles> {
  const { out, pictures = true, ...data } = options;
  const { path } = await openRun(run);
  const files = await documentFiles(out ?? join(path, 'report.html'));
  const document = await reportDocument(await measureRun(run, data, listen), pictures);
  await writeDocument(document, files);
  return files;
}
