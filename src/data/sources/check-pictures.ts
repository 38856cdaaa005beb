import { join } from 'node:path';
import { PictureError } from '../../base/errors.js';
import { checkPictureHeader } from '../../images/decode.node.js';
import { refusalOf, requireFolder } from '../folder.js';
import type { Problem } from '../sample.js';
import type { LeftOut, LeftOutKind } from './source.js';

/** A row, and the place in the data set that a problem with its picture is reported at. */
export interface PlacedRow<Row> {
  readonly row: Row;
  readonly place: Omit<Problem, 'reason'>;
}

/** Files that are looked at at the same time: enough to keep a disk busy. */
const AT_ONCE = 16;

/**
 * The rows whose pictures are there, lie in the folder (links are followed to see) and are pictures by their first bytes;
 * the others are reported.
 * @param folder absolute path that the files of the rows start from.
 * @throws {DataError} when there is no such folder.
 */
export async function rowsWithPictures<Row extends { readonly file: string }>(
  rows: readonly PlacedRow<Row>[],
  folder: string,
  problems: LeftOut[],
  onProgress?: (done: number, total: number) => void,
): Promise<Row[]> {
  const realFolder = await requireFolder(folder);
  const failures = new Map<number, Failure>();
  const queue = rows.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [index, { row }] of queue) {
      const failure = await failureOf(row.file, folder, realFolder);
      if (failure !== undefined) failures.set(index, failure);
      onProgress?.(++done, rows.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const [index, { row, place }] of rows.entries()) {
    const failure = failures.get(index);
    if (failure !== undefined) problems.push({ ...place, kind: failure.kind, reason: reasonAt(place, row, failure) });
  }
  return rows.filter((_, index) => !failures.has(index)).map(({ row }) => row);
}

interface Failure {
  kind: LeftOutKind;
  reason: string;
}

/** A place that is a line does not tell which picture it is about. */
function reasonAt({ line }: { line?: number }, { file }: { file: string }, { reason }: Failure): string {
  return line === undefined ? reason : `${reason}: ${file}`;
}

async function failureOf(file: string, folder: string, realFolder: string): Promise<Failure | undefined> {
  // Manifests are read line by line.
  if (/[\r\n]/.test(file)) return { kind: 'damaged', reason: 'the name holds a line break' };
  const path = join(folder, file);
  const refusal = await refusalOf(path, realFolder);
  if (refusal !== undefined) return { kind: 'missing', reason: refusal };
  try {
    await checkPictureHeader(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return { kind: 'unreadable', reason: error.reason };
  }
}
