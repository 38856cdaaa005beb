import type { Evaluation } from '../evaluation/evaluate.js';
import { figuresOf } from './evaluation-figures.js';
import { evaluationNotes } from './evaluation-notes.js';
import { columnsText } from './evaluation-text.js';
import { withCommas } from './style.js';
import { table } from './table.js';

const TITLES = { train: 'train', valid: 'validation', test: 'test' } as const;

/** The headline figures of several splits side by side, as in the report's table of results. */
export function splitsText(evaluations: readonly Evaluation[]): string {
  const figures = evaluations.map((evaluation) => new Map(figuresOf(evaluation).map((figure) => [figure.label, figure])));
  const labels = [...new Set(figures.flatMap((known) => [...known.keys()]))];
  const rows = labels.flatMap((label) => {
    const shown = figures.map((known) => known.get(label));
    const intervals = shown.map((figure) => figure?.interval ?? '');
    const values = [label, ...shown.map((figure) => figure?.value ?? '-')];
    return intervals.every((interval) => interval === '') ? [values] : [values, ['', ...intervals]];
  });
  const majority = ['most frequent band', ...evaluations.map((evaluation) => evaluation.majority.toFixed(4))];
  const notes = evaluations.flatMap((evaluation) => evaluationNotes(evaluation).map((note) => `${evaluation.split}: ${note}`));
  return [
    ...table([
      ['', ...evaluations.map(({ split }) => TITLES[split])],
      ['pictures', ...evaluations.map(({ pictures }) => withCommas(pictures))],
      ...rows,
      majority,
    ]),
    ...(evaluations.some(({ intervals }) => intervals !== null) ? ['In brackets: 95 % intervals, subjects drawn again'] : []),
    ...notes,
    ...evaluations.flatMap(({ by, split }) => columnsText(by, ` (${TITLES[split]})`)),
  ].join('\n');
}
