import { ConfigError } from '../../base/errors.js';
import { AGE_BANDS } from '../bands.js';
import { listAdienceFaces } from './adience-folds.js';
import type { AdienceFace, AdienceFaces, AdiencePictures } from './adience-folds.js';
import { judgeLabel } from './adience-labels.js';
import type { AdienceLabels, JudgedLabel, LabelOutcome } from './adience-labels.js';
import { rowsWithPictures } from './check-pictures.js';
import type { PlacedRow } from './check-pictures.js';
import type { LeftOut, SourceOptions, SourceRow, SourceTable } from './source.js';

/** Options of {@link readAdience}. */
export interface AdienceOptions extends SourceOptions {
  /** Which labels are used; `mended` by default. */
  readonly labels?: AdienceLabels;
  /** The pictures to name; by default `aligned` where there is such a folder, else `faces`. */
  readonly pictures?: AdiencePictures;
}

/** How many faces a label has, and what was made of them. */
export interface LabelCount {
  readonly label: string;
  readonly outcome: LabelOutcome;
  /** The band that its faces get, if any. */
  readonly band?: string;
  readonly faces: number;
}

/** What the fold files hold, whether or not the pictures are there. */
export interface AdienceCounts {
  /** Rows that make sense. */
  readonly rows: number;
  /** Rows with the album, picture and subject of an earlier one. */
  readonly repeats: number;
  readonly faces: number;
  readonly subjects: number;
  readonly albums: number;
  /** Every label that occurs: bands by age, then the others by number. Repeats count where they are kept. */
  readonly labels: readonly LabelCount[];
  /** Faces with a band (rows, where repeats are kept), and how many of each. */
  readonly labelled: number;
  readonly perBand: readonly { readonly band: string; readonly faces: number }[];
}

export interface AdienceTable extends SourceTable {
  readonly counts: AdienceCounts;
}

const COLUMNS = ['file', 'subject', 'band', 'age', 'gender', 'fold', 'album'];

/**
 * Reads Adience as it is downloaded: the five fold files, and pictures in `aligned/` or `faces/`. What is made of the
 * labels is told at {@link judgeLabel}. Columns: file, subject (`face_id`), band, age, gender, fold, album (`user_id`).
 * @throws {DataError} when there is no such folder, or no fold file in it.
 * @throws {ConfigError} when `between` is given with the published labels, which know no single years.
 */
export async function readAdience(folder: string, options: AdienceOptions = {}): Promise<AdienceTable> {
  const { labels = 'mended', between = 'keep', pictures, onProgress } = options;
  if (labels === 'published' && options.between !== undefined) {
    throw new ConfigError('adience: the published labels hold no single ages, so there is nothing between bands', {
      hint: 'Leave out either the labels or what becomes of ages between bands.',
    });
  }
  const listed = await listAdienceFaces(folder, pictures);
  const problems = [...listed.problems];
  const used = labels === 'published' ? inOrder([...listed.faces, ...listed.repeats]) : listed.faces;
  if (labels === 'mended') for (const repeat of listed.repeats) problems.push(repeatProblem(repeat));
  const judged = used.map((face) => ({ face, judgement: judgeLabel(face.label, labels, between) }));
  const rows = judged.flatMap(({ face, judgement }) => rowOf(face, judgement, problems));
  return {
    folder: listed.folder,
    columns: COLUMNS,
    rows: await rowsWithPictures(rows, listed.folder, problems, onProgress),
    problems: problems.toSorted(byPlace),
    counts: countAdience(listed, judged),
  };
}

interface JudgedFace {
  face: AdienceFace;
  judgement: JudgedLabel;
}

/** The row of a face, or nothing and a problem. */
function rowOf(face: AdienceFace, judgement: JudgedLabel, problems: LeftOut[]): PlacedRow<SourceRow>[] {
  const { file, subject, gender, fold, album, place } = face;
  if (judgement.outcome === 'dropped') {
    problems.push({ ...place, kind: 'label', reason: judgement.reason });
    return [];
  }
  const row = { file, subject, ...judgement.known, ...(gender === undefined ? {} : { gender }), fold, album };
  return [{ row, place }];
}

function repeatProblem({ place, file }: AdienceFace): LeftOut {
  return { ...place, kind: 'repeat', reason: `the same face as in an earlier row: ${file}` };
}

function inOrder(faces: readonly AdienceFace[]): AdienceFace[] {
  return faces.toSorted((a, b) => a.fold - b.fold || a.place.line - b.place.line);
}

function byPlace(a: LeftOut, b: LeftOut): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}

function countAdience(listed: AdienceFaces, judged: readonly JudgedFace[]): AdienceCounts {
  const { faces, repeats } = listed;
  const labels = countLabels(judged);
  const perBand = AGE_BANDS.map((band) => ({ band, faces: sumFaces(labels.filter((count) => count.band === band)) }));
  return {
    rows: faces.length + repeats.length,
    repeats: repeats.length,
    faces: faces.length,
    subjects: new Set(faces.map(({ subject }) => subject)).size,
    albums: new Set(faces.map(({ album }) => album)).size,
    labels,
    labelled: sumFaces(perBand),
    perBand,
  };
}

const OUTCOMES: readonly LabelOutcome[] = ['kept', 'mended', 'nearest', 'age only', 'dropped'];

function countLabels(judged: readonly JudgedFace[]): LabelCount[] {
  const counts = new Map<string, LabelCount>();
  for (const { face, judgement } of judged) {
    const { label } = face;
    const band = judgement.outcome === 'dropped' ? undefined : judgement.known.band;
    const known = band === undefined ? {} : { band };
    counts.set(label, { label, outcome: judgement.outcome, ...known, faces: (counts.get(label)?.faces ?? 0) + 1 });
  }
  const rank = ({ outcome }: LabelCount): number => OUTCOMES.indexOf(outcome);
  const bandRank = ({ outcome, band }: LabelCount): number =>
    outcome === 'kept' ? AGE_BANDS.findIndex((name) => name === band) : 0;
  return [...counts.values()].sort((a, b) => rank(a) - rank(b) || bandRank(a) - bandRank(b) || b.faces - a.faces);
}

function sumFaces(counts: readonly { readonly faces: number }[]): number {
  return counts.reduce((sum, { faces }) => sum + faces, 0);
}
