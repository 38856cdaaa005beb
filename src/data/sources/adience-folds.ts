/** The fold files of Adience: which faces there are, and in which pictures. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError } from '../../base/errors.js';
import { requireFolder } from '../folder.js';
import { readTable } from '../manifest-table.js';
import type { Row } from '../manifest-table.js';
import { readTextFile } from '../text-file.js';
import { LeftOutError, readEntries } from './source.js';
import type { LeftOut } from './source.js';

/** The two folders of pictures: whole photos' crops turned upright by their landmarks, or roughly cropped faces. */
export type AdiencePictures = 'aligned' | 'faces';

/** One row of a fold file. */
export interface AdienceFace {
  /** Path of the picture from the folder of the data set, with forward slashes. */
  readonly file: string;
  /** The column `user_id`: who put the picture on line. */
  readonly album: string;
  /** The column `face_id`: who is in the picture. */
  readonly subject: string;
  /** The column `age` as it stands there: `(25, 32)`, `35`, `None` ... */
  readonly label: string;
  /** The column `gender`; `u` (unknown) and nothing are left out. */
  readonly gender: 'm' | 'f' | undefined;
  /** 0 to 4. */
  readonly fold: number;
  /** The row: path of the fold file and line from 1. */
  readonly place: { readonly file: string; readonly line: number };
}

/** All faces of the fold files. */
export interface AdienceFaces {
  /** Absolute path of the folder of the data set. */
  readonly folder: string;
  /** Each key of album, picture and subject once, in the order of the files. */
  readonly faces: readonly AdienceFace[];
  /** Rows with the key of an earlier one. */
  readonly repeats: readonly AdienceFace[];
  /** Rows that make no sense, and fold files that are not there. */
  readonly problems: readonly LeftOut[];
}

const FOLDS = [0, 1, 2, 3, 4];
const PICTURE_PREFIX = { aligned: 'landmark_aligned_face', faces: 'coarse_tilt_aligned_face' } as const;
/** The columns up to the gender; where the face is in the original photo follows, which the pictures no longer show. */
const HEADER = ['user_id', 'original_image', 'face_id', 'age', 'gender'];
const GENDERS = new Map([
  ['m', 'm'],
  ['f', 'f'],
  ['u', undefined],
  ['', undefined],
] as const);

/**
 * Lists the faces of Adience (Eidinger, Enbar & Hassner 2014): `fold_0_data.txt` to `fold_4_data.txt` in the folder or in
 * `folds/` below it. Pictures are not looked at.
 * @param pictures the pictures to name; by default `aligned` where there is such a folder, else `faces`.
 * @throws {DataError} when there is no such folder, or no fold file in it.
 * @throws {FileError} when a fold file cannot be read.
 */
export async function listAdienceFaces(folder: string, pictures?: AdiencePictures): Promise<AdienceFaces> {
  const root = resolve(folder);
  await requireFolder(root);
  const chosen = pictures ?? (await picturesIn(root));
  const foldFolder = (await exists(join(root, 'folds'))) ? join(root, 'folds') : root;
  const problems: LeftOut[] = [];
  const rows: AdienceFace[] = [];
  for (const fold of FOLDS) {
    const path = join(foldFolder, `fold_${fold}_data.txt`);
    if (await exists(path)) rows.push(...parseFold(await readTextFile(path), fold, path, chosen, problems));
    else problems.push({ file: path, kind: 'missing', reason: 'no such fold file' });
  }
  if (problems.filter(({ reason }) => reason === 'no such fold file').length === FOLDS.length) {
    throw new DataError(`${root}: no fold files, fold_0_data.txt to fold_4_data.txt, here or in folds/`, {
      hint: 'Give the folder that the files of Adience were unpacked into.',
    });
  }
  return { folder: root, ...separateRepeats(rows), problems };
}

/** The rows of one fold file: a header, then tab-separated lines. Those that make no sense, header or row, are reported. */
export function parseFold(
  text: string,
  fold: number,
  path: string,
  pictures: AdiencePictures,
  problems: LeftOut[],
): AdienceFace[] {
  const { header, rows } = readTable(text, '\t');
  if (HEADER.some((name, column) => header[column] !== name)) {
    const reason = `the first line must begin with ${HEADER.join(', ')}, got ${header.join(', ') || 'nothing'}`;
    problems.push({ file: path, line: 1, kind: 'damaged', reason });
  }
  const place = ({ line }: Row): { file: string; line: number } => ({ file: path, line });
  return readEntries(rows, place, problems, (row) => faceOf(row, fold, path, pictures));
}

async function picturesIn(root: string): Promise<AdiencePictures> {
  const onlyFaces = (await exists(join(root, 'faces'))) && !(await exists(join(root, 'aligned')));
  return onlyFaces ? 'faces' : 'aligned';
}

function faceOf(row: Row, fold: number, path: string, pictures: AdiencePictures): AdienceFace {
  if (row.values === undefined) throw new LeftOutError('damaged', row.damage);
  const [album, picture, subject, label, genderText] = row.values.map((value) => value.trim());
  requirePlainName('user_id', album!);
  requirePlainName('original_image', picture!);
  if (!/^\d+$/.test(subject!)) throw damaged('face_id must be a whole number', subject!);
  if (!isGender(genderText!)) throw damaged('gender must be m, f, u or nothing', genderText!);
  return {
    file: `${pictures}/${album!}/${PICTURE_PREFIX[pictures]}.${subject!}.${picture!}`,
    album: album!,
    subject: subject!,
    label: label!,
    gender: GENDERS.get(genderText),
    fold,
    place: { file: path, line: row.line },
  };
}

function isGender(text: string): text is 'm' | 'f' | 'u' | '' {
  return (GENDERS as ReadonlyMap<string, unknown>).has(text);
}

/** A name becomes part of a path and must not lead elsewhere. */
function requirePlainName(column: string, name: string): void {
  if (/[/\\\0]/.test(name) || ['', '.', '..'].includes(name)) throw damaged(`${column} must be a plain name`, name);
}

function damaged(rule: string, value: string): LeftOutError {
  return new LeftOutError('damaged', `${rule}, got ${JSON.stringify(value)}`);
}

function separateRepeats(rows: readonly AdienceFace[]): Pick<AdienceFaces, 'faces' | 'repeats'> {
  const seen = new Set<string>();
  const faces: AdienceFace[] = [];
  const repeats: AdienceFace[] = [];
  for (const row of rows) {
    // The path of the picture is made of album, picture and subject.
    if (seen.has(row.file)) repeats.push(row);
    else faces.push(row);
    seen.add(row.file);
  }
  return { faces, repeats };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
