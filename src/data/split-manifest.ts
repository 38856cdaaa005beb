import { join, parse } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { requireWritableFolder } from '../base/files.node.js';
import { classList } from './classes.js';
import { DEFAULT_FRACTIONS, drawParts, foldCounts, splitCounts, SPLITS } from './draw.js';
import type { Fractions } from './draw.js';
import { compareFiles } from './duplicates/near-duplicates.js';
import { groupIndices } from './groups.js';
import { countLeaks } from './leaks.js';
import type { LeakCounts } from './leaks.js';
import { writeManifest } from './manifest-file.js';
import {
  BAND_COLUMNS,
  classNames,
  columnValues,
  findColumn,
  readManifestRows,
  ROOT_HINT,
  SUBJECT_COLUMNS,
  withColumn,
} from './manifest-rows.js';
import type { ManifestRows } from './manifest-rows.js';
import type { Problem } from './sample.js';
import { requireFolds, requireParts } from './split.js';

/** Options of {@link splitManifest}. */
export interface SplitManifestOptions extends Partial<Fractions> {
  /** Number of equal folds to draw instead of train, valid and test. */
  readonly folds?: number;
  /**
   * Column of what must not be cut, or `'none'`. Default: `subject`, or else `group` or `group_id`, where there is one.
   */
  readonly groupBy?: string;
  /** Column of what keeps its proportions, or `'none'`. Default: `band`, or else `label`, or else the band of `age`. */
  readonly stratify?: string;
  /** `report` draws picture by picture, as the report did, whoever they show. Default: `grouped`. */
  readonly protocol?: 'grouped' | 'report';
  /** Whether pictures that are the same count as one subject, for which all are read. Default: true. */
  readonly nearDuplicates?: boolean;
  /** The same seed gives the same split of the same manifest. Default: 1. */
  readonly seed?: number;
  /** Folder that the file names start from. Default: that of the manifest. */
  readonly root?: string;
  /** File to write. Default: `NAME.split.csv` beside the manifest `NAME.csv`. */
  readonly out?: string;
}

/** What {@link splitManifest} has done. */
export interface ManifestSplit {
  /** The manifest that was written. */
  readonly out: string;
  /** Folder that the file names in it start from. */
  readonly root: string;
  /** The column that names the parts: `split` or `fold`. */
  readonly column: 'split' | 'fold';
  /** `train`, `valid` and `test`, or the numbers of the folds from 0 on. */
  readonly parts: readonly string[];
  /** What was stratified by; pictures without it are the last, `none`. */
  readonly strata: readonly string[];
  /** Pictures by [stratum][part]. */
  readonly counts: readonly (readonly number[])[];
  /** Groups that stand in each part, near copies joined with them. */
  readonly groups: readonly number[];
  /** All groups, and the pictures of the largest. */
  readonly groupCount: number;
  readonly largestGroup: number;
  /** The columns that were used, if any. */
  readonly groupedBy: string | undefined;
  readonly stratifiedBy: string | undefined;
  /** Pairs of pictures that are the same, and how many groups fewer there are for them; without it, none were sought. */
  readonly nearDuplicates: { readonly pairs: number; readonly joinedGroups: number } | undefined;
  /** With the protocol `report`: what of the test pictures is known from training. */
  readonly leaks: LeakCounts | undefined;
  /** Rows that were left out, and pictures that cannot be read and so were compared with none. */
  readonly problems: readonly Problem[];
}

const NONE = 'none';
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * Draws train, valid and test, or folds, for the pictures of a CSV manifest, and writes the manifest with a column
 * `split` or `fold`; all other columns stay as they are. No group is ever cut: pictures with the same subject, pictures
 * that are the same (see `findDuplicatePairs`), and what both link. Strata keep their proportions.
 * @param onProgress is told how many of the pictures have been read
 * @throws {ConfigError} when an option cannot be used or names a column that is not there.
 * @throws {DataError} when the manifest cannot be used, none of its pictures can be read for copies, or a part gets none.
 */
export async function splitManifest(
  path: string,
  options: SplitManifestOptions = {},
  onProgress?: (done: number, total: number) => void,
): Promise<ManifestSplit> {
  const { folds, protocol = 'grouped', nearDuplicates = true, seed = 1 } = options;
  const { train, valid, test } = DEFAULT_FRACTIONS;
  const fractions = { train: options.train ?? train, valid: options.valid ?? valid, test: options.test ?? test };
  requireOptions(options);
  const out = options.out ?? defaultOut(path);
  await requireWritableFolder(out);
  const manifest = await readManifestRows(path, options.root);
  const groupedBy = chosenColumn(manifest, 'group-by', options.groupBy, SUBJECT_COLUMNS);
  const stratifiedBy = chosenColumn(manifest, 'stratify', options.stratify, [...BAND_COLUMNS, 'age']);
  const { strata, names } = strataOf(manifest, stratifiedBy, options.stratify === undefined);
  const wanted = folds === undefined ? splitCounts(strata, fractions) : foldCounts(strata, folds);

  const keys = columnValues(manifest, groupedBy);
  const files = manifest.rows.map(({ file }) => file);
  const same = nearDuplicates ? await compareFiles(files, onProgress) : undefined;
  if (same?.problems.length === files.length) throw noneReadable(path, same.problems);
  const groups = groupIndices(
    keys,
    same?.pairs.map(({ first, second }) => [first, second] as const),
  );
  const drawn = protocol === 'report' ? manifest.rows.map((_, index) => [index]) : groups;
  const parts = drawParts({ groups: drawn, strata, wanted, seed });
  if (folds === undefined) requireParts(path, parts, drawn.length, fractions);
  else requireFolds(path, parts, folds, drawn.length);

  const partNames = folds === undefined ? SPLITS : Array.from({ length: folds }, (_, fold) => String(fold));
  const column = folds === undefined ? 'split' : 'fold';
  const assigned = parts.map((part) => partNames[part]!);
  const { header, rows } = withColumn(manifest, column, assigned);
  await writeManifest(out, { header, rows: rows.map(({ values }) => values) });
  return {
    ...{ out, root: manifest.root, column, parts: partNames, strata: names, groupedBy, stratifiedBy },
    counts: countTable(strata, names.length, parts, partNames.length),
    groups: partNames.map((_, part) => groups.filter((group) => group.some((index) => parts[index] === part)).length),
    groupCount: groups.length,
    largestGroup: Math.max(...groups.map(({ length }) => length)),
    nearDuplicates: same && { pairs: same.pairs.length, joinedGroups: groupIndices(keys).length - groups.length },
    leaks: protocol === 'report' ? countLeaks(assigned, groups, 'test', 'train') : undefined,
    problems: [...manifest.problems, ...(same?.problems ?? [])],
  };
}

/** Nothing could be compared, so a split would keep copies together in name alone. */
function noneReadable(path: string, [first]: readonly Problem[]): DataError {
  return new DataError(`${path}: none of its pictures can be read; ${first!.file}: ${first!.reason}`, { hint: ROOT_HINT });
}

function requireOptions({ folds, protocol, seed = 1, ...options }: SplitManifestOptions): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
    throw new ConfigError(`the seed must be a whole number from 0 to ${LARGEST_SEED}, got ${seed}`);
  }
  if (folds === undefined) return;
  if (!Number.isInteger(folds) || folds < 2)
    throw new ConfigError(`folds must be a whole number from 2 on, got ${folds}`);
  const fraction = SPLITS.find((split) => options[split] !== undefined);
  if (fraction !== undefined || protocol === 'report') {
    const other = fraction === undefined ? 'the protocol of the report' : `a fraction of ${fraction}`;
    throw new ConfigError(`folds and ${other} do not go together`, { hint: 'Leave out one of the two.' });
  }
}

/**
 * The column that an option names, or the first of the standard ones that is there.
 * @throws {ConfigError} when the column that the option names is not there.
 */
function chosenColumn(
  manifest: ManifestRows,
  option: string,
  name: string | undefined,
  standard: readonly string[],
): string | undefined {
  if (name === undefined) return findColumn(manifest, standard);
  if (name === NONE) return undefined;
  if (manifest.header.includes(name)) return name;
  throw new ConfigError(`${manifest.path}: there is no column ${JSON.stringify(name)} to ${option}`, {
    hint: `Its columns are ${manifest.header.join(', ')}. Name one of them, or ${NONE}.`,
  });
}

/** The stratum of each row as a number, and the names of the strata; rows without one come last, as `none`. */
function strataOf(
  manifest: ManifestRows,
  column: string | undefined,
  byClass: boolean,
): { strata: number[]; names: string[] } {
  const values = byClass ? classNames(manifest) : columnValues(manifest, column);
  const present = values.filter((value) => value !== undefined);
  const list = classList(present);
  const strata = values.map((value) => (value === undefined ? list.classes.length : list.indexOf(value)!));
  return { strata, names: present.length < values.length ? [...list.classes, NONE] : [...list.classes] };
}

/** `faces.csv` becomes `faces.split.csv`. */
function defaultOut(path: string): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.split${ext || '.csv'}`);
}

function countTable(
  strata: readonly number[],
  stratumCount: number,
  parts: readonly number[],
  partCount: number,
): number[][] {
  const counts = Array.from({ length: stratumCount }, () => new Array<number>(partCount).fill(0));
  strata.forEach((stratum, index) => (counts[stratum]![parts[index]!]! += 1));
  return counts;
}
