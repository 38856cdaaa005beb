import type { Evaluation } from '../evaluation/evaluate.js';
import { counted } from './style.js';

const HEADER = ['', 'precision', 'recall', 'f1', 'pictures'];
const LEAST_CELL = 10;

/** Loss, exact and one-off accuracy, the figures per band and the confusion matrix, for people to read. */
export function evaluationText(evaluation: Evaluation): string {
  const { split, pictures, loss, accuracy, majority, oneOff, perClass, confusion } = evaluation;
  const names = perClass.map(({ name }) => name);
  const cell = Math.max(LEAST_CELL, ...names.map((name) => name.length + 2));
  const tableRow = (cells: readonly string[]): string => cells.map((text) => text.padStart(cell)).join('');
  return [
    `${split}: ${counted(pictures, 'picture')}`,
    `loss              ${loss.toFixed(4)}`,
    `accuracy          ${accuracy.toFixed(4)} (always naming the most frequent band: ${majority.toFixed(4)})`,
    `one-off accuracy  ${oneOff.toFixed(4)}`,
    '',
    tableRow(HEADER),
    ...perClass.map(({ name, precision, recall, f1, support }) =>
      tableRow([name, score(precision), score(recall), score(f1), String(support)]),
    ),
    '',
    'Confusion (rows: true band, columns: predicted band)',
    tableRow(['', ...names]),
    ...confusion.map((counts, row) => tableRow([names[row]!, ...counts.map(String)])),
  ].join('\n');
}

/** A score in 0..1; a dash where it is not defined, as the recall of a band without pictures. */
function score(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
