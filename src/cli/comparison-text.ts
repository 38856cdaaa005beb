import { PAIRED_DRAWS } from '../evaluation/paired.js';
import { shortNames } from '../reports/compare.js';
import type { Comparison } from '../reports/compare.js';
import { comparisonWarnings, differingSettings, pText, verdictOf } from '../reports/comparison-document.js';
import { HEADLINES, range, rowLabel, signed, withInterval } from '../reports/format.js';
import { counted, withCommas } from './style.js';
import { table } from './table.js';

/** Runs side by side: their figures, what is certain of the differences, and the settings that differ. */
export function comparisonText(comparison: Comparison): string {
  const { split, pictures, subjects, runs, differences } = comparison;
  const names = shortNames(runs.map(({ run }) => run));
  const settings = differingSettings(runs);
  return [
    `${split}: ${counted(pictures, 'picture')}${subjects < pictures ? ` of ${counted(subjects, 'subject')}` : ''}`,
    ...comparisonWarnings(comparison, names).map((warning) => `Warning: ${warning}`),
    '',
    ...table([
      ['', ...names],
      ...HEADLINES.map((style) => [rowLabel(style), ...runs.map(({ judgement }) => withInterval(judgement, style))]),
    ]),
    ...names.slice(1).flatMap((name, index) => ['', ...differenceLines(differences[index]!, name, names[0]!)]),
    ...(differences.includes(null)
      ? ['', 'All pictures are of one subject: nothing can be said of how certain the differences are.']
      : ['', `Intervals of 95 %; p values of a paired bootstrap, ${counted(subjects, 'subject')} drawn again ${withCommas(PAIRED_DRAWS)} times`]),
    ...(settings.length === 0 ? [] : ['', ...table([['settings', ...names], ...settings.map(({ name, values }) => [name, ...values])])]),
  ].join('\n');
}

function differenceLines(differences: Comparison['differences'][number], name: string, first: string): string[] {
  if (differences === null) return [];
  const rows = HEADLINES.map((style) => {
    const { difference, interval, p } = differences[style.name];
    const write = signed(style.write);
    return [rowLabel(style), write(difference), range(interval, write), pText(p), verdictOf(difference, p, style.rising)];
  });
  return table([[`${name} less ${first}`, 'difference', 'interval', 'p', ''], ...rows]);
}
