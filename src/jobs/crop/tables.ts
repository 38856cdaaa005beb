/** The lists that stand beside the crops. */
import type { LongTable } from '../../data/manifest-file.js';
import type { Problem } from '../../data/sample.js';
import type { CropRecord, FaceFigures } from './record.js';
import type { SourceTable } from '../job-pictures.js';
import type { PictureJournal } from '../picture-journal.js';

const FACE_COLUMNS = [
  ...['left', 'top', 'width', 'height', 'score', 'presence', 'roll', 'yaw', 'pitch'],
  ...['size', 'sharpness', 'inside', 'points'],
] as (keyof FaceFigures)[];

/** A row per picture or, where there are several crops of it, per crop. */
export function cropsTable(records: Iterable<CropRecord>): LongTable {
  return { header: ['file', 'crop', 'faces', ...FACE_COLUMNS, 'fallback', 'reason'], rows: cropRows(records) };
}

function* cropRows(records: Iterable<CropRecord>): Generator<string[]> {
  for (const { file, faces, crops } of records) {
    for (const { crop, face, fallback, reason } of crops) {
      yield [file, crop, String(faces ?? ''), ...FACE_COLUMNS.map((column) => String(face?.[column] ?? '')), fallback, reason];
    }
  }
}

/**
 * The rows of a manifest with all their columns, the file being the crop: a row per crop, none for a picture without.
 * @param files those that the rows name, in the order of the records
 */
export function croppedManifest(
  { header, fileColumn, rows }: SourceTable,
  files: readonly string[],
  records: Pick<PictureJournal<CropRecord>, 'at'>,
): LongTable {
  const indexOf = new Map(files.map((file, index) => [file, index]));
  const carried = function* (): Generator<string[]> {
    for (const { file, values } of rows) {
      for (const { crop } of records.at(indexOf.get(file)!)?.crops ?? []) if (crop !== '') yield values.toSpliced(fileColumn, 1, crop);
    }
  };
  return { header, rows: carried() };
}

/** Why a picture could not be read; nothing for one that could. */
export function faultsOf({ file, faces, crops }: CropRecord): Problem[] {
  return faces === undefined ? crops.map(({ reason }) => ({ file, reason: reason.replace(/^unreadable: /, '') })) : [];
}
