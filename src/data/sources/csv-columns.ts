/** Which column of a CSV file holds what. */
import { ConfigError, DataError } from '../../base/errors.js';

/** What a column can be read as. */
type Meaning = 'file' | 'age' | 'band' | 'subject' | 'gender';

/** Names of columns, where they are not the usual ones. */
export type NamedColumns = Readonly<Partial<Record<Meaning, string>>>;

/** Names by which columns are found, in any case; the first that is there. */
const USUAL_NAMES: Readonly<Record<Meaning, readonly string[]>> = {
  file: ['file', 'filename', 'file_name', 'filepath', 'file_path', 'path', 'image', 'image_path', 'img', 'picture', 'photo'],
  age: ['age', 'age_years', 'years'],
  band: ['band', 'age_band', 'age_group'],
  subject: ['subject', 'subject_id', 'person', 'person_id', 'identity'],
  gender: ['gender', 'sex'],
};

/** The columns of a CSV file. */
export interface Columns {
  /** Indices of the columns that are read. */
  readonly read: Readonly<Record<Meaning, number | undefined>>;
  /** The other columns, with the names that they have in the manifest. */
  readonly others: readonly { readonly index: number; readonly name: string }[];
  /** The columns of the manifest. */
  readonly written: readonly string[];
}

/**
 * Finds the columns by their names.
 * @throws {ConfigError} when a column that was named is not there.
 * @throws {DataError} when there is no column for the file, none for age or band, or two of the same name.
 */
export function findColumns(header: readonly string[], path: string, named: NamedColumns): Columns {
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new DataError(`${path}: two columns are named ${JSON.stringify(twice)}`, { hint: 'Rename one of them.' });
  }
  const find = (meaning: Meaning): number | undefined => findColumn(header, path, meaning, named[meaning]);
  const age = find('age');
  // A label may mean anything, and is taken for the band only where there is nothing else.
  const band = find('band') ?? (age === undefined ? indexIn(header, 'label') : undefined);
  const read = { file: find('file'), subject: find('subject'), band, age, gender: find('gender') };
  if (read.file === undefined) throw missingColumn(header, path, 'the file', '--file-column NAME');
  if ((age ?? band) === undefined) {
    throw missingColumn(header, path, 'the age or the band', '--age-column NAME or --band-column NAME');
  }
  const meanings = ['file', 'subject', 'band', 'age', 'gender'] as const;
  // There always is a band: that which is read, or that of the age.
  const common = meanings.filter((meaning) => meaning === 'band' || read[meaning] !== undefined);
  const taken = new Set<string>([...common, ...header]);
  const others = header.flatMap((name, index) => {
    if (Object.values(read).includes(index)) return [];
    return [{ index, name: (common as readonly string[]).includes(name) ? freeName(name, taken) : name }];
  });
  return { read, others, written: [...common, ...others.map(({ name }) => name)] };
}

function findColumn(
  header: readonly string[],
  path: string,
  meaning: Meaning,
  named: string | undefined,
): number | undefined {
  if (named !== undefined) {
    const index = indexIn(header, named);
    if (index !== undefined) return index;
    throw new ConfigError(`${path}: no column ${JSON.stringify(named)} among ${header.join(', ')}`);
  }
  const lower = header.map((name) => name.toLowerCase());
  const usual = USUAL_NAMES[meaning].find((name) => lower.includes(name));
  return usual === undefined ? undefined : lower.indexOf(usual);
}

function indexIn(header: readonly string[], name: string): number | undefined {
  const index = header.indexOf(name);
  return index === -1 ? undefined : index;
}

function missingColumn(header: readonly string[], path: string, what: string, options: string): DataError {
  return new DataError(`${path}: no column for ${what} among ${header.join(', ') || 'none'}`, {
    hint: `Name it: ${options}.`,
  });
}

/** A name for a column that is carried along, whose own the manifest needs for another. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  while (taken.has(free)) free += '_given';
  taken.add(free);
  return free;
}
