import { readFile } from 'node:fs/promises';
import type { CliProcess } from './cli.js';

/** Waits until a file holds so many whole lines. @param writer the process that writes them, if it must not end before */
export async function untilLines(path: string, count: number, writer?: CliProcess): Promise<void> {
  while ((await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1 < count) {
    if (writer && (writer.exitCode ?? writer.signalCode) !== null) {
      const { stdout, stderr } = await writer.ended;
      throw new Error(`the process ended before there were ${count} lines in ${path}:\n${stdout}\n${stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
