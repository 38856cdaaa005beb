import type { ColumnFigures, ValueFigures } from '../evaluation/columns.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { figuresOf, rangeText, withInterval } from './evaluation-figures.js';
import { evaluationNotes } from './evaluation-notes.js';
import { shownPath } from './shown-path.js';
import { counted, withCommas } from './style.js';
import { table } from './table.js';

const HEADER = ['', 'precision', 'recall', 'f1', 'pictures'];
const VALUE_HEADER = ['pictures', 'loss', 'accuracy', '', 'one-off', 'balanced', 'bands off', 'years off', 'calibration'];
const LEAST_CELL = 10;
const LEAST_NARROW_CELL = 7;
/** Width of the column of names. */
const LABEL = 21;

const WORST_SHOWN = 5;

/**
 * The headline figures with their intervals, the figures per band, the confusion matrix and the worst mistakes.
 * @param worst how many of the worst mistakes
 */
export function evaluationText(evaluation: Evaluation, worst = WORST_SHOWN): string {
  const { split, pictures, subjects, perClass, confusion, confusionShares, intervals, by } = evaluation;
  const names = perClass.map(({ name }) => name);
  const longest = Math.max(...names.map((name) => name.length)) + 2;
  const cell = Math.max(LEAST_CELL, longest);
  const tableRow = (cells: readonly string[]): string => cells.map((text) => text.padStart(cell)).join('');
  // Nine columns have to fit into a terminal.
  const narrow = Math.max(LEAST_NARROW_CELL, longest, ...confusion.flat().map((count) => String(count).length + 2));
  const matrixRow = (name: string, cells: readonly string[]): string => name.padStart(cell) + cells.map((text) => text.padStart(narrow)).join('');
  const matrix = <Value>(rows: readonly (readonly Value[])[], shown: (value: Value) => string): string[] => [
    matrixRow('', names),
    ...rows.map((values, row) => matrixRow(names[row]!, values.map(shown))),
  ];
  return [
    `${split}: ${counted(pictures, 'picture')}${subjects < pictures ? ` of ${counted(subjects, 'subject')}` : ''}`,
    ...evaluationNotes(evaluation),
    ...figuresOf(evaluation).map(({ label, value, interval, note }) => {
      return `${label.padEnd(LABEL)}${withInterval(value, interval)}${note === undefined ? '' : ` (${note})`}`;
    }),
    ...(intervals === null ? [] : ['In brackets: 95 % intervals, subjects drawn again']),
    '',
    tableRow(HEADER),
    ...perClass.map(({ name, precision, recall, f1, support }) =>
      tableRow([name, score(precision), score(recall), score(f1), String(support)]),
    ),
    '',
    'Confusion (rows: true band, columns: predicted band)',
    ...matrix(confusion, String),
    '',
    'Confusion in % of the true band',
    ...matrix(confusionShares, (share) => (share === null ? '-' : (100 * share).toFixed(1))),
    ...columnsText(by),
    ...worstText(evaluation, worst),
  ].join('\n');
}

/** A table for each column, with the figures of each of its values. */
export function columnsText(columns: readonly ColumnFigures[], where = ''): string[] {
  return columns.flatMap(({ column, values }) => {
    const rows = values.map((figures) => [figures.value ?? 'none', ...valueCells(figures)]);
    return ['', ...table([[`By ${column}${where}`, ...VALUE_HEADER], ...rows])];
  });
}

/** A dash where a figure is not defined, as the error in years without ages. */
function valueCells(figures: ValueFigures): string[] {
  const { pictures, loss, accuracy, oneOff, balancedAccuracy, meanClassError, calibration, ageError, intervals } = figures;
  const cells = [score(accuracy), rangeText(intervals?.accuracy), ...[oneOff, balancedAccuracy, meanClassError].map(score)];
  return [withCommas(pictures), score(loss), ...cells, ageError?.years.toFixed(2) ?? '-', score(calibration.error)];
}

function worstText({ worstMistakes }: Evaluation, worst: number): string[] {
  if (worstMistakes.length === 0 || worst === 0) return [];
  return [
    '',
    'Worst mistakes',
    ...worstMistakes.slice(0, worst).map(
      ({ file, label, predicted, probability }) => `  ${label} taken for ${predicted} (${probability.toFixed(3)}): ${shownPath(file)}`,
    ),
  ];
}

/** A score in 0..1; a dash where it is not defined, as the recall of a band without pictures. */
function score(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
