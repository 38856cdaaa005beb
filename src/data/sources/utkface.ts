import { readNamedPictures } from './named-pictures.js';
import { LeftOutError, parseAge, withBand } from './source.js';
import type { SourceOptions, SourceRow, SourceTable } from './source.js';

/** Codes of gender in names of UTKFace. */
const GENDERS: Readonly<Record<string, string>> = { 0: 'm', 1: 'f' };

/**
 * Age, underscore, and then the gender (one digit, rarely left empty) or, where the gender is missing, at once the date
 * and time. The race and all that follows is of no concern here, and is where most irregular names are so.
 */
const NAME = /^(?<age>\d{1,3})_(?:(?<gender>\d?)[_.]|\d{8,})/;

/**
 * Reads UTKFace (Zhang, Song & Qi 2017): pictures named `[age]_[gender]_[race]_[date&time].jpg`, also with
 * `.chip.jpg`, in the folder or folders below it such as `part1/`. Columns: file, band, age, gender.
 *
 * Some names lack a field or have one too many: what can be read is. A name without age is reported. A gender that is
 * missing or neither 0 nor 1 stays unknown.
 * @throws {DataError} when there is no such folder.
 */
export async function readUtkface(folder: string, options: SourceOptions = {}): Promise<SourceTable> {
  const { between = 'keep' } = options;
  const read = (name: string): Omit<SourceRow, 'file'> => {
    const { age, gender } = parseUtkfaceName(name);
    return { ...withBand(age, between), ...(gender === undefined ? {} : { gender }) };
  };
  return await readNamedPictures(folder, ['file', 'band', 'age', 'gender'], read, options);
}

/** @throws {LeftOutError} when the name does not begin as those of UTKFace do, or the age is none. */
export function parseUtkfaceName(name: string): { age: number; gender: string | undefined } {
  const { age, gender } = NAME.exec(name)?.groups ?? {};
  if (age === undefined) {
    throw new LeftOutError('damaged', 'the name is not of the form [age]_[gender]_[race]_[date&time].jpg');
  }
  return { age: parseAge(age), gender: GENDERS[gender ?? ''] };
}
