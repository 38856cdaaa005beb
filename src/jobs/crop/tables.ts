/** The lists that stand beside the crops. */
import type { ManifestTable } from '../../data/manifest-file.js';
import type { Problem } from '../../data/sample.js';
import type { CropRecord, FaceFigures } from './record.js';
import type { SourceTable } from '../job-pictures.js';

const FACE_COLUMNS = [
  ...['left', 'top', 'width', 'height', 'score', 'presence', 'roll', 'yaw', 'pitch'],
  ...['size', 'sharpness', 'inside', 'points'],
] as (keyof FaceFigures)[];

/** A row per picture or, where there are several crops of it, per crop. */
export function cropsTable(records: readonly CropRecord[]): ManifestTable {
  const header = ['file', 'crop', 'faces', ...FACE_COLUMNS, 'fallback', 'reason'];
  const rows = records.flatMap(({ file, faces, crops }) =>
    crops.map(({ crop, face, fallback, reason }) => [
      ...[file, crop, String(faces ?? '')],
      ...FACE_COLUMNS.map((column) => String(face?.[column] ?? '')),
      ...[fallback, reason],
    ]),
  );
  return { header, rows };
}

/** The rows of a manifest with all their columns, the file being the crop: a row per crop, none for a picture without. */
export function croppedManifest({ header, fileColumn, rows }: SourceTable, records: readonly CropRecord[]): ManifestTable {
  const cropsOf = new Map(records.map(({ file, crops }) => [file, crops.filter(({ crop }) => crop !== '')]));
  const carried = rows.flatMap(({ file, values }) =>
    (cropsOf.get(file) ?? []).map(({ crop }) => values.toSpliced(fileColumn, 1, crop)),
  );
  return { header, rows: carried };
}

/** The pictures that could not be read. */
export function unreadablePictures(records: readonly CropRecord[]): Problem[] {
  return records.flatMap(({ file, faces, crops }) =>
    faces === undefined ? crops.map(({ reason }) => ({ file, reason: reason.replace(/^unreadable: /, '') })) : [],
  );
}
