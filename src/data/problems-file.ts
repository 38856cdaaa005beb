import { writeManifest } from './manifest-file.js';
import type { Problem } from './sample.js';

/**
 * Writes a CSV list of what was left out and why: file, line, reason.
 * @throws {FileError} when it cannot be written.
 */
export async function writeProblemsFile(path: string, problems: readonly Problem[]): Promise<void> {
  await writeManifest(path, { header: ['file', 'line', 'reason'], rows: rowsOf(problems) });
}

function* rowsOf(problems: readonly Problem[]): Generator<string[]> {
  for (const { file, line, reason } of problems) yield [file, String(line ?? ''), reason];
}
