import { stringify } from 'csv-stringify/sync';
import { writeFileAtomic } from '../base/files.node.js';
import type { Problem } from './sample.js';

/**
 * Writes a CSV list of what was left out and why: file, line, reason.
 * @throws {FileError} when it cannot be written.
 */
export async function writeProblemsFile(path: string, problems: readonly Problem[]): Promise<void> {
  await writeFileAtomic(path, stringify([...problems], { header: true, columns: ['file', 'line', 'reason'] }));
}
