import { stat } from 'node:fs/promises';

export const NO_FILE = 'none';

/** What a file is like, so that it shows whether it has changed: its size and when it was last written. */
export async function fileState(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() === true ? `${status.size} bytes at ${status.mtimeMs}` : NO_FILE;
}
