import { readFile } from 'node:fs/promises';

/** Waits until a file holds so many whole lines. */
export async function untilLines(path: string, count: number): Promise<void> {
  while ((await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1 < count) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
