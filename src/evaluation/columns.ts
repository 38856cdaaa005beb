/** Figures for each value of a column of the manifest, such as per gender. */
import { stat } from 'node:fs/promises';
import { ConfigError, DataError } from '../base/errors.js';
import { columnValues, readManifestRows } from '../data/manifest-rows.js';
import type { Sample } from '../data/sample.js';
import type { Distributions } from './distributions.js';
import { takePictures } from './distributions.js';
import type { Judgement } from './judge.js';
import { judge } from './judge.js';
import type { MeasuredData } from './measured-data.js';

/** The figures of the pictures that have one value in a column. */
export interface ValueFigures extends Omit<Judgement, 'worstMistakes'> {
  /** Null for the pictures without a value. */
  readonly value: string | null;
}

/** The figures for each value of a column, in the order of the values; those without one come last. */
export interface ColumnFigures {
  readonly column: string;
  readonly values: readonly ValueFigures[];
}

/** What a manifest says about its pictures. */
export interface PictureColumns {
  readonly names: readonly string[];
  /** The value of a column for a picture by its absolute path. */
  readonly valueOf: (column: string, file: string) => string | undefined;
}

/** With more values, each has too few pictures to say anything of it, and the list helps nobody. */
const MOST_VALUES = 200;

/**
 * Reads columns of the manifest that pictures come from, also of those that a run has split itself.
 * @throws {ConfigError} when the data are no manifest, or have no such column
 * @throws {DataError} when the manifest cannot be read
 */
export async function readColumns({ path, root }: MeasuredData, names: readonly string[]): Promise<PictureColumns> {
  if (names.length === 0) return { names, valueOf: () => undefined };
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) {
    throw new ConfigError(`${path}: a folder has no column ${JSON.stringify(names[0])}`, {
      hint: 'Figures by the values of a column need a CSV manifest; `ageband data folder` writes one.',
    });
  }
  const manifest = await readManifestRows(path, root);
  const columns = new Map(
    names.map((name) => {
      if (!manifest.header.includes(name)) {
        throw new ConfigError(`${path}: there is no column ${JSON.stringify(name)}`, {
          hint: `Its columns are ${manifest.header.join(', ')}.`,
        });
      }
      const values = columnValues(manifest, name);
      return [name, new Map(manifest.rows.map(({ file }, index) => [file, values[index]]))] as const;
    }),
  );
  return { names, valueOf: (column, file) => columns.get(column)?.get(file) };
}

/**
 * Judges the pictures of each value of each column by themselves.
 * @param distributions what is said of the samples
 * @throws {DataError} when no picture has a value
 * @throws {ConfigError} when a column has more than 200 values
 */
export function judgeByColumns(
  { names, valueOf }: PictureColumns,
  samples: readonly Sample[],
  distributions: Distributions,
  classes: readonly string[],
): ColumnFigures[] {
  return names.map((column) => {
    const members = new Map<string | null, number[]>();
    for (const [picture, { file }] of samples.entries()) {
      const value = valueOf(column, file) ?? null;
      const pictures = members.get(value);
      if (pictures === undefined) members.set(value, [picture]);
      else pictures.push(picture);
    }
    requireValues(column, [...members.keys()]);
    const values = [...members].sort(([a], [b]) => compareValues(a, b)).map(([value, pictures]): ValueFigures => {
      const part = takePictures(distributions, pictures, samples.length);
      const { worstMistakes: _, ...figures } = judge(pictures.map((picture) => samples[picture]!), part, classes);
      return { value, ...figures };
    });
    return { column, values };
  });
}

function requireValues(column: string, values: readonly (string | null)[]): void {
  if (values.every((value) => value === null)) {
    throw new DataError(`none of these pictures has a value in the column ${JSON.stringify(column)} of the manifest`, {
      hint: 'A run names its pictures by the paths that they had in training: give the same manifest and --root.',
    });
  }
  if (values.length <= MOST_VALUES) return;
  throw new ConfigError(`the column ${JSON.stringify(column)} has ${values.length} values, more than ${MOST_VALUES}`, {
    hint: 'Name a column that many pictures share a value of.',
  });
}

/** Numbers by their size, other values by the alphabet, none last. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.localeCompare(b, 'en', { numeric: true });
}
