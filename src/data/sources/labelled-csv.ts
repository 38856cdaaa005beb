import { dirname, relative, resolve } from 'node:path';
import { AGE_BANDS, bandOfAge, parseBand } from '../bands.js';
import { isInside } from '../folder.js';
import { readTable } from '../manifest-table.js';
import type { Row } from '../manifest-table.js';
import { readTextFile } from '../text-file.js';
import { rowsWithPictures } from './check-pictures.js';
import { findColumns } from './csv-columns.js';
import type { Columns, NamedColumns } from './csv-columns.js';
import { slashed } from './named-pictures.js';
import { LeftOutError, parseAge, readEntries, withBand } from './source.js';
import type { BetweenRule, LeftOut, SourceOptions, SourceRow, SourceTable } from './source.js';

/** Options of {@link readLabelledCsv}. */
export interface LabelledCsvOptions extends SourceOptions {
  /** The folder that paths are relative to and must stay in. Default: that of the CSV file. */
  readonly root?: string;
  /** Names of the columns, where they are not the usual ones. */
  readonly columns?: NamedColumns;
}

const GENDERS = new Map([
  ['m', 'm'],
  ['male', 'm'],
  ['f', 'f'],
  ['female', 'f'],
]);

/**
 * Reads a CSV file with a header and a picture per line; commas, semicolons or tabs stand between values. Columns: file,
 * subject, band, age and gender as far as they are there, then all others unchanged. A row needs an age or a band. In
 * the gender, `male` and `female` become `m` and `f`; another value stays as it is.
 *
 * A row that cannot be used is reported: a wrong number of columns, broken quotes, a path or link out of the folder, no
 * such picture, an age or band that is none, an age outside of its band.
 * @throws {FileError} when the file cannot be read.
 * @throws {ConfigError} when a column that was named is not there.
 * @throws {DataError} when there is no column for the file, none for age or band, or two of the same name.
 */
export async function readLabelledCsv(path: string, options: LabelledCsvOptions = {}): Promise<SourceTable> {
  const { between = 'keep', onProgress } = options;
  const folder = resolve(options.root ?? dirname(path));
  const table = parseLabelledCsv(await readTextFile(path), resolve(path), folder, { ...options, between });
  const placed = table.rows.map(({ row, line }) => ({ row, place: { file: resolve(path), line } }));
  const problems = [...table.problems];
  const rows = await rowsWithPictures(placed, folder, problems, onProgress);
  return { folder, columns: table.columns, rows, problems: problems.sort((a, b) => a.line! - b.line!) };
}

/** The rows of a CSV text with their lines, before the pictures are looked at. Errors as {@link readLabelledCsv}. */
export function parseLabelledCsv(
  text: string,
  path: string,
  folder: string,
  options: Pick<LabelledCsvOptions, 'columns'> & { between: BetweenRule },
): { columns: readonly string[]; rows: { row: SourceRow; line: number }[]; problems: LeftOut[] } {
  const table = readTable(text, delimiterOf(text));
  const columns = findColumns(table.header, path, options.columns ?? {});
  const problems: LeftOut[] = [];
  const place = ({ line }: Row): { file: string; line: number } => ({ file: path, line });
  const rows = readEntries(table.rows, place, problems, (row) => {
    if (row.values === undefined) throw new LeftOutError('damaged', row.damage);
    return { row: rowOf(row.values, columns, folder, options.between), line: row.line };
  });
  return { columns: columns.written, rows, problems };
}

/** What stands between the values: that of the three which the first line holds most of. */
function delimiterOf(text: string): string {
  const header = /[^\r\n]*\S[^\r\n]*/.exec(text)?.[0] ?? '';
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function rowOf(values: readonly string[], columns: Columns, folder: string, between: BetweenRule): SourceRow {
  const value = (index: number | undefined): string => (index === undefined ? '' : values[index]!.trim());
  const { file, age, band, subject, gender } = columns.read;
  const others = columns.others.map(({ index, name }) => [name, values[index]!] as const);
  return {
    file: pathOf(value(file), folder),
    ...(value(subject) === '' ? {} : { subject: value(subject) }),
    ...labelOf(value(age), value(band), between),
    ...(value(gender) === '' ? {} : { gender: genderOf(value(gender)) }),
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others) }),
  };
}

/** The path from the folder. Both kinds of slash are accepted, since the file may come from another system. */
function pathOf(value: string, folder: string): string {
  if (value === '') throw new LeftOutError('damaged', 'the file is empty');
  if (value.includes('\0')) throw new LeftOutError('damaged', 'the path holds a character that no path can hold');
  const path = resolve(folder, value.replaceAll('\\', '/'));
  if (!isInside(path, folder)) throw new LeftOutError('damaged', `the path ${value} leads out of ${folder}`);
  return slashed(relative(folder, path));
}

/** Age and band as far as they are told; the band that is told, or else that of the age. */
function labelOf(ageText: string, bandText: string, between: BetweenRule): Pick<SourceRow, 'age' | 'band'> {
  const age = ageText === '' ? undefined : parseAge(ageText);
  if (bandText === '') {
    if (age === undefined) throw new LeftOutError('label', 'there is neither an age nor a band');
    return withBand(age, between);
  }
  const band = parseBand(bandText);
  if (band === undefined) {
    throw new LeftOutError('label', `${JSON.stringify(bandText)} is not one of the bands ${AGE_BANDS.join(', ')}`);
  }
  if (age === undefined) return { band: AGE_BANDS[band]! };
  // An age between two bands may have been given to either.
  if ((bandOfAge(age) ?? band) !== band) {
    throw new LeftOutError('damaged', `the age ${age} is not in the band ${AGE_BANDS[band]!}`);
  }
  return { age, band: AGE_BANDS[band]! };
}

function genderOf(text: string): string {
  return GENDERS.get(text.toLowerCase()) ?? text;
}
