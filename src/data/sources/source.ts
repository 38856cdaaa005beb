/** What the readers of data sets give: rows for a manifest, and what was left out. */
import { AGE_BANDS, bandOfAge, bandsAround, nearestBand } from '../bands.js';
import type { Problem } from '../sample.js';

/** What becomes of an age between two bands: kept without a band, given to the nearest band, or left out. */
export type BetweenRule = 'keep' | 'nearest' | 'drop';

/** Options of every reader. */
export interface SourceOptions {
  /** What becomes of ages between two bands; `keep` by default. */
  readonly between?: BetweenRule;
  /** Is told how many of the pictures have been checked. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** One picture of a data set. */
export interface SourceRow {
  /** Path from the folder of the data set, with forward slashes. */
  readonly file: string;
  /** Who is in the picture. */
  readonly subject?: string;
  /** The age band, in the spelling of {@link AGE_BANDS}; missing when only the age is known and lies between two. */
  readonly band?: string;
  /** The class, where the classes are no age bands. */
  readonly label?: string;
  /** Years. */
  readonly age?: number;
  /** `m` or `f`; what else a CSV file says, as it stands there. */
  readonly gender?: string;
  /** Of a data set that is published in parts: the part, from 0. */
  readonly fold?: number;
  /** Who took the picture. */
  readonly album?: string;
  /** Further columns of a CSV file, by their names. */
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * Why something was left out: the row or the name makes no sense; its label is not used; its age lies between two bands;
 * the same face came before; the picture is not there; it is there and cannot be read.
 */
export type LeftOutKind = 'damaged' | 'label' | 'between' | 'repeat' | 'missing' | 'unreadable';

/** Something that was left out. */
export interface LeftOut extends Problem {
  readonly kind: LeftOutKind;
}

/** A data set, as read. */
export interface SourceTable {
  /** Absolute path of the folder that `file` starts from. */
  readonly folder: string;
  /** The columns of the manifest, in order: names of fields of the rows, or of their `others`. */
  readonly columns: readonly string[];
  readonly rows: readonly SourceRow[];
  /** Every row or picture that is not in `rows`. */
  readonly problems: readonly LeftOut[];
}

/** An entry that turned out not to be usable; caught where entries are read. */
export class LeftOutError extends Error {
  readonly kind: LeftOutKind;

  constructor(kind: LeftOutKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/**
 * Reads what comes from each entry, and reports and leaves out what cannot be used.
 * @param place the file, and the line if it is a text, that a problem of the entry is about.
 */
export function readEntries<Entry, Result>(
  entries: readonly Entry[],
  place: (entry: Entry) => Omit<Problem, 'reason'>,
  problems: LeftOut[],
  read: (entry: Entry) => Result,
): Result[] {
  return entries.flatMap((entry) => {
    try {
      return [read(entry)];
    } catch (error) {
      if (!(error instanceof LeftOutError)) throw error;
      problems.push({ ...place(entry), kind: error.kind, reason: error.message });
      return [];
    }
  });
}

const OLDEST = 130;

/** @throws {LeftOutError} when the text is no age in years, 0 to 130. */
export function parseAge(text: string): number {
  const age = text.trim() === '' ? NaN : Number(text);
  if (age >= 0 && age <= OLDEST) return age;
  throw new LeftOutError('damaged', `the age must be a number from 0 to ${OLDEST}, got ${JSON.stringify(text)}`);
}

/**
 * An age with its band, if the rule gives it one.
 * @throws {LeftOutError} when it lies between two bands and the rule is to drop such.
 */
export function withBand(age: number, between: BetweenRule): Pick<SourceRow, 'age' | 'band'> {
  const band = bandOfAge(age) ?? (between === 'nearest' ? nearestBand(age) : undefined);
  if (band !== undefined) return { age, band: AGE_BANDS[band]! };
  if (between === 'keep') return { age };
  throw new LeftOutError('between', `the age ${age} lies between the bands ${bandsAround(age)}`);
}
