import { readNamedPictures } from './named-pictures.js';
import { LeftOutError, parseAge, withBand } from './source.js';
import type { SourceOptions, SourceRow, SourceTable } from './source.js';

/** Subject, `A`, age, and a letter where there are several pictures of one age. */
const NAME = /^(?<subject>\d{3})A(?<age>\d{2,3})[a-z]?\.\w+$/i;

/**
 * Reads FG-NET: pictures named `001A02.JPG` or `001A43a.JPG`, subject 001 at the ages of 2 and 43, in the folder or
 * folders below it. Columns: file, subject, band, age. Other names are reported.
 * @throws {DataError} when there is no such folder.
 */
export async function readFgnet(folder: string, options: SourceOptions = {}): Promise<SourceTable> {
  const { between = 'keep' } = options;
  const read = (name: string): Omit<SourceRow, 'file'> => {
    const { subject, age } = NAME.exec(name)?.groups ?? {};
    if (subject === undefined || age === undefined) {
      throw new LeftOutError('damaged', 'the name is not of the form 001A02.JPG: subject, A, age');
    }
    return { subject, ...withBand(parseAge(age), between) };
  };
  return await readNamedPictures(folder, ['file', 'subject', 'band', 'age'], read, options);
}
