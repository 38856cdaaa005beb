import { ConfigError, DataError } from '../base/errors.js';
import { AGE_BANDS, bandHolding, bandHoldingAge, bandOfAge, bandsAround, namesAround, parseAnyBand, parseBand } from './bands.js';
import { classList, indexByName } from './classes.js';
import type { ClassList } from './classes.js';
import { refusalOf } from './folder.js';
import { BAND_COLUMNS, columnValues, findColumn, firstReason, readManifestRows, ROOT_HINT, SUBJECT_COLUMNS } from './manifest-rows.js';
import type { ManifestRow, ManifestRows } from './manifest-rows.js';
import type { Dataset, Problem, Sample, Split } from './sample.js';
import { parseSplit } from './split-folders.js';

/** Options of {@link openManifest}. */
export interface ManifestOptions {
  /**
   * The classes to use, instead of those that the rows name. Rows with another label are reported. Where they are age bands,
   * the rows are mapped to them: by the age where it is known, else by the label, which must be a band that lies in one of
   * them as a whole. Labels that stand in the list stay, unless others do not and the list is none of {@link AGE_BANDS}.
   */
  readonly classes?: readonly string[];
  /** The folder that paths are relative to and must stay in. Default: the manifest's own. */
  readonly root?: string;
  /** The column that names the groups, or `'none'`. Default: `subject`, `group` or `group_id`, where there is one. */
  readonly groupBy?: string;
}

const OLDEST = 130;

/** A row that cannot be used; caught where rows are read. */
class RowError extends Error {}

/**
 * Opens a CSV manifest: a header, then a picture per line. Columns: `file`; `band` or `label`, which names the class, or
 * `age` in years, of which the band becomes the label; optionally `subject` (or `group` or `group_id`),
 * `split` and `fold`. Other columns are ignored.
 *
 * A row that cannot be used is reported with its line and left out: one that {@link readManifestRows} refuses, no such
 * file, an age that is no number or lies between two bands, a label or split off the list.
 * @throws {ConfigError} when there is no column that `groupBy` names.
 * @throws {FileError} when the file cannot be read.
 * @throws {DataError} when a column is missing, no row can be used, or none of a split.
 */
export async function openManifest(path: string, options: ManifestOptions = {}): Promise<Dataset> {
  const given = options.classes && classList([], options.classes);
  const manifest = await readManifestRows(path, options.root, { mapped: given?.spans !== undefined });
  const columns = findColumns(manifest, options.groupBy);
  const labelOf = given?.spans === undefined ? namedLabel : labelMapping(given, manifest);
  const problems = [...manifest.problems];
  const usable = await readEach(manifest.rows, problems, path, (row) =>
    requireFile(readLabelled(row, columns, labelOf), manifest.realRoot),
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
type Columns = Readonly<Record<'label' | 'age' | 'group' | 'split' | 'fold', number | undefined>>;

function findColumns(manifest: ManifestRows, groupBy: string | undefined): Columns {
  const { path, header } = manifest;
  const find = (names: readonly string[]): number | undefined => {
    const name = findColumn(manifest, names);
    return name === undefined ? undefined : header.indexOf(name);
  };
  const [label, age] = [find(BAND_COLUMNS), find(['age'])];
  if (label === undefined && age === undefined) {
    throw new DataError(`${path}: the first line must name a column 'band', 'label' or 'age', got ${header.join(', ')}`);
  }
  const group = groupBy === undefined ? find(SUBJECT_COLUMNS) : find([groupBy]);
  if (groupBy !== undefined && groupBy !== 'none' && group === undefined) {
    throw new ConfigError(`${path}: there is no column ${JSON.stringify(groupBy)} to group by`, {
      hint: `Its columns are ${header.join(', ')}. Name one of them, or none.`,
    });
  }
  return { label, age, group, split: find(['split']), fold: find(['fold']) };
}

/** What a row says: a sample but for its label, which is still a name. */
interface Labelled {
  line: number;
  label: string;
  picture: Omit<Sample, 'label'>;
}

/** The class of a row, by its label (undefined in a manifest without such a column) and its age. */
type LabelReader = (label: string | undefined, age: number | undefined) => string;

function readLabelled({ line, values, file }: ManifestRow, columns: Columns, labelOf: LabelReader): Labelled {
  const value = (column: number | undefined): string => (column === undefined ? '' : values[column]!.trim());
  const age = value(columns.age) === '' ? undefined : ageOf(value(columns.age));
  const label = labelOf(columns.label === undefined ? undefined : value(columns.label), age);
  const group = value(columns.group);
  const fold = value(columns.fold);
  const picture = {
    file,
    ...(age === undefined ? {} : { age }),
    ...(group === '' ? {} : { group }),
    ...(columns.split === undefined ? {} : { split: splitOf(value(columns.split)) }),
    ...(fold === '' ? {} : { fold }),
  };
  return { line, label, picture };
}

function ageOf(value: string): number {
  const age = Number(value);
  if (!(age >= 0 && age <= OLDEST)) throw new RowError(`the age must be a number from 0 to ${OLDEST}, got ${value}`);
  return age;
}

/** The label itself. A row without a label may hold an age between two bands: then that is the reason. */
function namedLabel(value: string | undefined, age: number | undefined): string {
  if (value === undefined || (value === '' && age !== undefined && bandOfAge(age) === undefined)) return bandNameOf(age);
  if (value === '') throw new RowError('the label is empty');
  return value;
}

/** Maps rows to age bands that are given; see {@link ManifestOptions}. */
function labelMapping({ classes, spans = [] }: ClassList, manifest: ManifestRows): LabelReader {
  const indexOf = indexByName(classes);
  const labels = columnValues(manifest, findColumn(manifest, BAND_COLUMNS)).filter((label) => label !== undefined);
  const isPlain = classes.every((name) => parseBand(name) !== undefined);
  const labelsStay = isPlain || labels.every((label) => indexOf(label) !== undefined);
  return (label, age) => {
    if (label !== undefined && labelsStay && indexOf(label) !== undefined) return label;
    if (age !== undefined) {
      const held = bandHoldingAge(age, spans);
      if (held !== undefined) return classes[held]!;
      throw new RowError(`the age ${age} lies between the bands ${namesAround(age, classes, spans)}`);
    }
    if (label === undefined) throw new RowError('the age is empty');
    if (label === '') throw new RowError('the label is empty');
    const band = parseAnyBand(label);
    const held = band && bandHolding(band, spans);
    if (held !== undefined) return classes[held]!;
    throw new RowError(
      band === undefined
        ? `the label ${JSON.stringify(label)} is not one of ${classes.join(', ')}`
        : `the label ${JSON.stringify(label)} lies in none of the bands ${classes.join(', ')} as a whole`,
    );
  };
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
  if (samples.length === 0) {
    const isElsewhere = problems.some(({ reason }) => reason.startsWith('no such file'));
    throw new DataError(`${root}: no row can be used${firstReason(problems)}`, isElsewhere ? { hint: ROOT_HINT } : {});
  }
  for (const split of splits) {
    if (samples.some((sample) => sample.split === split)) continue;
    throw new DataError(`${root}: no row of the ${split} split can be used${firstReason(problems)}`);
  }
  return dataset;
}
