import type { Comparison } from './compare.js';
import { comparisonDocument } from './comparison-document.js';
import type { DocumentFiles } from './write-document.js';
import { documentFiles, writeDocument } from './write-document.js';

/**
 * Writes a comparison as one HTML file that needs nothing else, and as Markdown.
 * @param html the page to write, `NAME.html`, with `NAME.md` and `NAME-files/` beside it
 * @throws {ConfigError} when the page is not named so
 * @throws {FileError} when it cannot be written
 */
export async function writeComparison(comparison: Comparison, html: string): Promise<DocumentFiles> {
  const files = await documentFiles(html);
  await writeDocument(await comparisonDocument(comparison), files);
  return files;
}
