import type { AdienceCounts } from '../data/sources/adience.js';
import type { SourceTable } from '../data/sources/source.js';
import { summariseSource } from '../data/sources/summary.js';
import { writeSource } from '../data/sources/write-source.js';
import { pictureProgress } from './progress.js';
import { adienceText, sourceText, writtenText } from './source-text.js';

/** Reads a data set, tells what it holds, and writes its manifest. */
export async function runSource<Table extends SourceTable & { counts?: AdienceCounts }>(
  read: (onProgress: (done: number, total: number) => void) => Promise<Table>,
  { out, json = false }: { out: string | undefined; json: boolean | undefined },
): Promise<void> {
  const progress = pictureProgress(process.stderr, 'checked');
  let table: Table;
  try {
    table = await read(progress.show);
  } finally {
    progress.close();
  }
  const { counts, folder } = table;
  const summary = summariseSource(table);
  if (!json && counts !== undefined) console.log(adienceText(counts));
  if (!json) console.log(sourceText(summary, counts));
  const written = await writeSource(table, out);
  if (json) console.log(JSON.stringify({ folder, ...written, ...summary, ...counts }, null, 2));
  else console.log(writtenText(table, written));
}
