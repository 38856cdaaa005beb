import { DataError } from '../base/errors.js';
import { AGE_BANDS, bandOfAge, bandsAround } from './bands.js';
import { classList } from './classes.js';
import type { ClassList } from './classes.js';
import { refusalOf } from './folder.js';
import { BAND_COLUMNS, columnValues, findColumn, firstReason, readManifestRows, SUBJECT_COLUMNS } from './manifest-rows.js';
import type { ManifestRow, ManifestRows } from './manifest-rows.js';
import type { Dataset, Problem, Sample, Split } from './sample.js';
import { parseSplit } from './split-folders.js';

/** Options of {@link openManifest}. */
export interface ManifestOptions {
  /** The classes to use, instead of those that the rows name. Rows with another label are reported. */
  readonly classes?: readonly string[];
  /** The folder that paths are relative to and must stay in. Default: the manifest's own. */
  readonly root?: string;
}

const OLDEST = 130;

/** A row that cannot be used; caught where rows are read. */
class RowError extends Error {}

/**
 * Opens a CSV manifest: a header, then a picture per line. Columns: `file`; `band` or `label`, which names the class, or
 * `age` in years, of which the band becomes the label; optionally `subject` (or `group` or `group_id`) and `split`. Other
 * columns are ignored.
 *
 * A row that cannot be used is reported with its line and left out: one that {@link readManifestRows} refuses, no such
 * file, an age that is no number or lies between two bands, a label or split off the list.
 * @throws {FileError} when the file cannot be read.
 * @throws {DataError} when a column is missing, no row can be used, or none of a split.
 */
export async function openManifest(path: string, options: ManifestOptions = {}): Promise<Dataset> {
  const manifest = await readManifestRows(path, options.root);
  const columns = findColumns(manifest);
  const problems = [...manifest.problems];
  const usable = await readEach(manifest.rows, problems, path, (row) =>
    requireFile(readLabelled(row, columns), manifest.realRoot),
  );
  const list = classList(
    usable.map(({ label }) => label),
    options.classes,
  );
  const samples = await readEach(usable, problems, path, (labelled) => sampleOf(labelled, list));
  problems.sort((a, b) => a.line! - b.line!);
  const dataset: Dataset = { root: path, kind: 'manifest', classes: list.classes, samples, problems };
  return requireSamples(dataset, splitsNamed(manifest));
}

/** Reads what comes from each line of the manifest, and reports and leaves out what cannot be used. */
async function readEach<From extends { line: number }, To>(
  items: readonly From[],
  problems: Problem[],
  path: string,
  read: (item: From) => To | Promise<To>,
): Promise<To[]> {
  const results = await Promise.allSettled(items.map(async (item) => read(item)));
  return results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return [result.value];
    if (!(result.reason instanceof RowError)) throw result.reason;
    problems.push({ file: path, line: items[index]!.line, reason: result.reason.message });
    return [];
  });
}

/** Indices of the columns that matter. */
type Columns = Readonly<Record<'label' | 'age' | 'group' | 'split', number | undefined>>;

function findColumns(manifest: ManifestRows): Columns {
  const { path, header } = manifest;
  const find = (names: readonly string[]): number | undefined => {
    const name = findColumn(manifest, names);
    return name === undefined ? undefined : header.indexOf(name);
  };
  const [label, age] = [find(BAND_COLUMNS), find(['age'])];
  if (label === undefined && age === undefined) {
    throw new DataError(`${path}: the first line must name a column 'band', 'label' or 'age', got ${header.join(', ')}`);
  }
  return { label, age, group: find(SUBJECT_COLUMNS), split: find(['split']) };
}

/** What a row says: a sample but for its label, which is still a name. */
interface Labelled {
  line: number;
  label: string;
  picture: Omit<Sample, 'label'>;
}

function readLabelled({ line, values, file }: ManifestRow, columns: Columns): Labelled {
  const value = (column: number | undefined): string => (column === undefined ? '' : values[column]!.trim());
  const age = value(columns.age) === '' ? undefined : ageOf(value(columns.age));
  const label = columns.label === undefined ? bandNameOf(age) : labelOf(value(columns.label), age);
  const group = value(columns.group);
  const picture = {
    file,
    ...(age === undefined ? {} : { age }),
    ...(group === '' ? {} : { group }),
    ...(columns.split === undefined ? {} : { split: splitOf(value(columns.split)) }),
  };
  return { line, label, picture };
}

function ageOf(value: string): number {
  const age = Number(value);
  if (!(age >= 0 && age <= OLDEST)) throw new RowError(`the age must be a number from 0 to ${OLDEST}, got ${value}`);
  return age;
}

/** A row without a label may hold an age between two bands: then that is the reason. */
function labelOf(value: string, age: number | undefined): string {
  if (value === '' && age !== undefined && bandOfAge(age) === undefined) return bandNameOf(age);
  if (value === '') throw new RowError('the label is empty');
  return value;
}

function bandNameOf(age: number | undefined): string {
  if (age === undefined) throw new RowError('the age is empty');
  const band = bandOfAge(age);
  if (band === undefined) throw new RowError(`the age ${age} lies between the bands ${bandsAround(age)}`);
  return AGE_BANDS[band]!;
}

function splitOf(value: string): Split {
  const split = parseSplit(value);
  if (split === undefined) throw new RowError(`the split must be train, valid or test, got ${JSON.stringify(value)}`);
  return split;
}

async function requireFile(labelled: Labelled, realFolder: string): Promise<Labelled> {
  const refusal = await refusalOf(labelled.picture.file, realFolder);
  if (refusal !== undefined) throw new RowError(`${refusal}: ${labelled.picture.file}`);
  return labelled;
}

function sampleOf({ label, picture }: Labelled, list: ClassList): Sample {
  const index = list.indexOf(label);
  if (index === undefined) {
    throw new RowError(`the label ${JSON.stringify(label)} is not one of ${list.classes.join(', ')}`);
  }
  return { ...picture, label: index };
}

/** The splits that rows name, whether or not the rows can be used. */
function splitsNamed({ header, rows, refused }: ManifestRows): Set<Split> {
  const splits = columnValues({ header, rows: [...rows, ...refused] }, 'split').map((name) => parseSplit(name ?? ''));
  return new Set(splits.filter((split) => split !== undefined));
}

function requireSamples(dataset: Dataset, splits: Set<Split>): Dataset {
  const { root, samples, problems } = dataset;
  if (samples.length === 0) throw new DataError(`${root}: no row can be used${firstReason(problems)}`);
  for (const split of splits) {
    if (samples.some((sample) => sample.split === split)) continue;
    throw new DataError(`${root}: no row of the ${split} split can be used${firstReason(problems)}`);
  }
  return dataset;
}
