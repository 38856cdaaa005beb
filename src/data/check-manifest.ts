import { PictureError } from '../base/errors.js';
import { classList } from './classes.js';
import type { Fingerprint } from './duplicates/fingerprint.js';
import { compareFiles } from './duplicates/near-duplicates.js';
import type { DuplicatePair } from './duplicates/near-duplicates.js';
import { groupIndices } from './groups.js';
import { findLeaks } from './leaks.js';
import { writeManifest } from './manifest-file.js';
import {
  BAND_COLUMNS,
  classNames,
  columnValues,
  findColumn,
  readManifestRows,
  SUBJECT_COLUMNS,
} from './manifest-rows.js';
import type { ManifestRows } from './manifest-rows.js';
import { parseSplit } from './split-folders.js';

/** What can be wrong with a row, a picture or two pictures, in the order in which it is listed. */
export const FINDING_KINDS = [
  'row',
  'unreadable',
  'truncated',
  'tiny',
  'repeat',
  'duplicate',
  'near-duplicate',
  'conflict',
  'leak',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind;
  /** The picture as the manifest names it; for a row that cannot be used, the manifest. */
  readonly file: string;
  /** The other picture, where two are involved. */
  readonly other: string;
  readonly detail: string;
}

/** How many rows have a class. */
export interface ClassCount {
  /** The class, or `none` for the rows without one. */
  readonly name: string;
  readonly pictures: number;
}

/** What {@link checkManifest} finds. */
export interface ManifestCheck {
  /** Rows of the manifest that can be used. */
  readonly rows: number;
  readonly classes: readonly ClassCount[];
  readonly findings: readonly Finding[];
}

/** Width or height in pixels below which a picture is listed: less than the smallest faces that networks are fed. */
export const TINY = 32;

/**
 * Reads every picture of a CSV manifest once and lists what is wrong: rows and pictures that cannot be used, tiny
 * pictures, files that occur twice or hold the same bytes, near copies, the same picture with different classes or
 * ages, and subjects or copies that stand in more than one split or fold.
 * @param root folder that the file names start from; the manifest's own by default.
 * @param onProgress is told how many of the pictures have been read
 * @throws {FileError} when the manifest cannot be read.
 * @throws {DataError} when it has no column `file`, or no row can be used.
 */
export async function checkManifest(
  path: string,
  root?: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ManifestCheck> {
  const manifest = await readManifestRows(path, root);
  const names = columnValues(manifest, 'file').map((name) => name!);
  const { fingerprints, pairs } = await compareFiles(
    manifest.rows.map(({ file }) => file),
    onProgress,
  );
  const same = samePictures(manifest, pairs);
  const findings: Finding[] = [
    ...manifest.problems.map(({ file, line, reason }) => finding('row', file, '', `line ${line!}: ${reason}`)),
    ...fingerprints.flatMap((result, index) => pictureFindings(names[index]!, result)),
    ...same.map(({ kind, first, second, detail }) => finding(kind, names[second]!, names[first]!, detail)),
    ...conflicts(manifest, same).map(([first, second, detail]) =>
      finding('conflict', names[second]!, names[first]!, detail),
    ),
    ...leaks(manifest, same).map(([first, second, detail]) => finding('leak', names[second]!, names[first]!, detail)),
  ];
  const order = (kind: FindingKind): number => FINDING_KINDS.indexOf(kind);
  findings.sort((a, b) => order(a.kind) - order(b.kind));
  return { rows: manifest.rows.length, classes: classCounts(manifest), findings };
}

function finding(kind: FindingKind, file: string, other: string, detail: string): Finding {
  return { kind, file, other, detail };
}

function pictureFindings(file: string, result: Fingerprint | PictureError): Finding[] {
  if (result instanceof PictureError) {
    // The decoder begins so when a file ends too soon.
    const kind = result.reason.startsWith('truncated') ? 'truncated' : 'unreadable';
    return [finding(kind, file, '', result.reason)];
  }
  const { width, height } = result;
  return Math.min(width, height) < TINY ? [finding('tiny', file, '', `${width} × ${height} pixels`)] : [];
}

/** Two rows with the same picture. */
interface SamePicture {
  kind: 'repeat' | 'duplicate' | 'near-duplicate';
  first: number;
  second: number;
  detail: string;
}

function samePictures({ rows }: ManifestRows, pairs: readonly DuplicatePair[]): SamePicture[] {
  const describe = ({ first, second, exact, similarity }: DuplicatePair): SamePicture => {
    if (rows[first]!.file === rows[second]!.file) {
      return { kind: 'repeat', first, second, detail: `lines ${rows[first]!.line} and ${rows[second]!.line}` };
    }
    if (exact) return { kind: 'duplicate', first, second, detail: 'the same bytes' };
    return { kind: 'near-duplicate', first, second, detail: `correlation ${similarity.toFixed(3)}` };
  };
  return pairs.map(describe);
}

/** Pairs of rows and what is to be said of them. */
type RowPair = [first: number, second: number, detail: string];

/** The same picture with different classes, ages or both. */
function conflicts(manifest: ManifestRows, same: readonly SamePicture[]): RowPair[] {
  const column = findColumn(manifest, BAND_COLUMNS);
  const described: [name: string, values: (string | undefined)[]][] = [['age', columnValues(manifest, 'age')]];
  if (column !== undefined) described.push([column, classNames(manifest)]);
  return same.flatMap(({ first, second }): RowPair[] => {
    const details = described.flatMap(([name, values]) => {
      const [one, other] = [values[first], values[second]];
      return one === undefined || other === undefined || one === other ? [] : [`${name} ${one} and ${other}`];
    });
    return details.length === 0 ? [] : [[first, second, details.join(', ')]];
  });
}

/** Subjects, and copies of pictures of different or unknown subjects, in more than one split or fold. */
function leaks(manifest: ManifestRows, same: readonly SamePicture[]): RowPair[] {
  const subjectColumn = findColumn(manifest, SUBJECT_COLUMNS);
  const subjects = columnValues(manifest, subjectColumn);
  const bySubject = groupIndices(subjects);
  const copies = same.filter(
    ({ first, second }) => subjects[first] === undefined || subjects[first] !== subjects[second],
  );
  return ['split', 'fold'].flatMap((column) => {
    const places = columnValues(manifest, column).map((place) => parseSplit(place ?? '') ?? place);
    const count = (members: readonly number[], split: string): number =>
      members.filter((index) => places[index] === split).length;
    const ofSubjects = findLeaks(places, bySubject).map(({ members, splits }): RowPair => {
      const [first, second] = splits.map((split) => members.find((index) => places[index] === split)!);
      const where = splits.map((split) => `${count(members, split)} in ${column} ${split}`).join(', ');
      return [first!, second!, `${subjectColumn!} ${subjects[first!]!}: ${where}`];
    });
    const pairs = copies.map(({ first, second }) => [first, second]);
    const ofCopies = findLeaks(places, pairs).map(({ members: [first, second], splits }): RowPair => {
      return [first!, second!, `the same picture in ${column} ${splits.join(' and ')}`];
    });
    return [...ofSubjects, ...ofCopies];
  });
}

function classCounts(manifest: ManifestRows): ClassCount[] {
  const counts = new Map<string | undefined, number>();
  for (const name of classNames(manifest)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const none = counts.get(undefined);
  counts.delete(undefined);
  const { classes } = classList([...counts.keys()].filter((name) => name !== undefined));
  const named = classes.map((name) => ({ name, pictures: counts.get(name)! }));
  return none === undefined ? named : [...named, { name: 'none', pictures: none }];
}

/**
 * Writes findings as a CSV file with the columns `kind`, `file`, `other` and `detail`.
 * @throws {FileError} when it cannot be written.
 */
export async function writeFindings(path: string, findings: readonly Finding[]): Promise<void> {
  const rows = findings.map(({ kind, file, other, detail }) => [kind, file, other, detail]);
  await writeManifest(path, { header: ['kind', 'file', 'other', 'detail'], rows });
}
