import type { LeakCounts } from '../data/leaks.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import type { Headlines } from '../evaluation/headlines.js';
import { shownPath } from './shown-path.js';
import { counted } from './style.js';

const HEADER = ['', 'precision', 'recall', 'f1', 'pictures'];
const LEAST_CELL = 10;
/** Width of the column of names. */
const LABEL = 21;

const WORST_SHOWN = 5;

/** The headline figures with their intervals, the figures per band, the confusion matrix and the worst mistakes. */
export function evaluationText(evaluation: Evaluation): string {
  const { split, pictures, subjects, perClass, confusion, leaks } = evaluation;
  const names = perClass.map(({ name }) => name);
  const cell = Math.max(LEAST_CELL, ...names.map((name) => name.length + 2));
  const tableRow = (cells: readonly string[]): string => cells.map((text) => text.padStart(cell)).join('');
  return [
    `${split}: ${counted(pictures, 'picture')}${subjects < pictures ? ` of ${counted(subjects, 'subject')}` : ''}`,
    ...(leaks !== null && leaks.groups > 0 ? [leakText(leaks)] : []),
    ...headlines(evaluation),
    '',
    tableRow(HEADER),
    ...perClass.map(({ name, precision, recall, f1, support }) =>
      tableRow([name, score(precision), score(recall), score(f1), String(support)]),
    ),
    '',
    'Confusion (rows: true band, columns: predicted band)',
    tableRow(['', ...names]),
    ...confusion.map((counts, row) => tableRow([names[row]!, ...counts.map(String)])),
    ...worstText(evaluation),
  ].join('\n');
}

function headlines(evaluation: Evaluation): string[] {
  const { intervals, majority, calibration, ageError } = evaluation;
  const line = (label: string, name: keyof Headlines, note = ''): string => {
    const interval = intervals?.[name];
    const range = interval === undefined ? '' : `  [${interval.low.toFixed(4)}, ${interval.high.toFixed(4)}]`;
    return `${label.padEnd(LABEL)}${evaluation[name].toFixed(4)}${range}${note}`;
  };
  return [
    line('loss', 'loss'),
    line('accuracy', 'accuracy', ` (always naming the most frequent band: ${majority.toFixed(4)})`),
    line('one-off accuracy', 'oneOff'),
    line('balanced accuracy', 'balancedAccuracy'),
    line('mean error in bands', 'meanClassError'),
    ...(ageError === null
      ? []
      : [`${'mean error in years'.padEnd(LABEL)}${ageError.years.toFixed(2)} (${counted(ageError.pictures, 'picture')} of known age)`]),
    `${'calibration error'.padEnd(LABEL)}${calibration.error.toFixed(4)}`,
    ...(intervals === null ? [] : ['In brackets: 95 % intervals, subjects drawn again']),
  ];
}

function leakText({ groups, ofGroups, pictures, ofPictures }: LeakCounts): string {
  return `Warning: ${groups} of ${counted(ofGroups, 'subject')} (${pictures} of ${counted(ofPictures, 'picture')}) are also in train: these figures are too good`;
}

function worstText({ worstMistakes }: Evaluation): string[] {
  if (worstMistakes.length === 0) return [];
  return [
    '',
    'Worst mistakes',
    ...worstMistakes.slice(0, WORST_SHOWN).map(
      ({ file, label, predicted, probability }) => `  ${label} taken for ${predicted} (${probability.toFixed(3)}): ${shownPath(file)}`,
    ),
  ];
}

/** A score in 0..1; a dash where it is not defined, as the recall of a band without pictures. */
function score(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
