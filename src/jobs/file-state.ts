import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAddress } from '../base/download.node.js';

export const NO_FILE = 'none';

/** What a file is like, so that it shows whether it has changed: its size and when it was last written. */
export async function fileState(path: string): Promise<string> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() === true ? `${status.size} bytes at ${status.mtimeMs}` : NO_FILE;
}

/** The same of a picture of a source. What has been fetched from an address counts as unchanged. */
export async function sourceState(root: string, file: string): Promise<string> {
  return isAddress(file) ? 'fetched' : await fileState(join(root, file));
}
