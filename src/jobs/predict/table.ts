import type { LongTable } from '../../data/manifest-file.js';
import type { PredictionRecord } from './record.js';

const BOX = ['left', 'top', 'width', 'height'] as const;
const DECIMALS = 6;

/**
 * A row per face, the largest first, or one for a picture of which the model looks for none or finds none: then the
 * prediction is that of the whole picture. A picture that could not be read has a row with the reason.
 */
export function predictionsTable(classes: readonly string[], records: Iterable<PredictionRecord>): LongTable {
  const header = ['file', 'face', 'faces', ...BOX, 'band', 'age', 'age_from', 'age_to', ...classes.map((name) => `p_${name}`), 'error'];
  return { header, rows: allRows(records, classes.length) };
}

function* allRows(records: Iterable<PredictionRecord>, classes: number): Generator<string[]> {
  for (const record of records) yield* rowsOf(record, classes);
}

function rowsOf({ file, whole, faces, error }: PredictionRecord, classes: number): string[][] {
  const count = String(faces?.length ?? '');
  if (whole === undefined) return [[file, '', '', '', '', '', '', ...Array<string>(4 + classes).fill(''), error ?? '']];
  if (faces === undefined || faces.length === 0) return [[file, '', count, '', '', '', '', ...figuresOf(whole), '']];
  return faces.map((face, index) => [
    ...[file, String(index + 1), count],
    ...BOX.map((side) => text(face.box[side], 1)),
    ...[...figuresOf(face), ''],
  ]);
}

function figuresOf({ band, age, probabilities }: NonNullable<PredictionRecord['whole']>): string[] {
  const years = age === null ? ['', '', ''] : [text(age.expected, 1), String(age.from), String(age.to ?? '')];
  return [band, ...years, ...probabilities.map((probability) => text(probability, DECIMALS))];
}

function text(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)) + 0);
}
