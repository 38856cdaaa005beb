/** What a report says of how well a run does. */
import { counted, withCommas } from '../base/counts.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Sample, Split } from '../data/sample.js';
import type { Judgement } from '../evaluation/judge.js';
import type { Block, Figures, Table } from './document.js';
import { notice, table, text } from './document.js';
import { HEADLINES, percent, range, rowLabel } from './format.js';

/** A part of a data set, measured. */
export interface MeasuredPart {
  /** Null for pictures that are not split. */
  readonly split: Split | null;
  readonly samples: readonly Sample[];
  /** [samples, classes], row-major. */
  readonly probabilities: Float32Array;
  readonly judgement: Judgement;
  /** How many of its subjects have been seen in training; null for the training pictures. */
  readonly known: LeakCounts | null;
}

export const PART_NAMES: Readonly<Record<Split, string>> = { train: 'training', valid: 'validation', test: 'test' };

export function nameOf({ split }: Pick<MeasuredPart, 'split'>): string {
  return split === null ? 'all' : PART_NAMES[split];
}

/** The part that a run is judged by: the test pictures if there are any, else what is nearest to them. */
export function judgingPart(parts: readonly MeasuredPart[]): MeasuredPart {
  const order = ['test', null, 'valid', 'train'] as const;
  return parts.toSorted((a, b) => order.indexOf(a.split) - order.indexOf(b.split))[0]!;
}

/** The figures that matter most, with what speaks against them. */
export function summaryBlocks(part: MeasuredPart, unknownRuns: readonly string[]): Block[] {
  const { split, judgement, known } = part;
  const { pictures, subjects, majority } = judgement;
  const of = subjects < pictures ? ` of ${counted(subjects, 'subject')}` : '';
  return [
    ...warnings(part, unknownRuns),
    headlineFigures(judgement),
    text(
      `Measured on ${counted(pictures, split === null ? 'picture' : `${nameOf(part)} picture`)}${of}, without augmentation. ` +
        (judgement.intervals === null
          ? 'They are all of one subject, so there are no intervals. '
          : 'The ranges are 95 % intervals: subjects drawn again 2,000 times. ') +
        `Always naming the most frequent band would be right in ${percent(majority)}.` +
        (known !== null && known.groups === 0 ? ' None of these subjects was seen in training.' : ''),
    ),
  ];
}

function warnings({ split, known }: MeasuredPart, unknownRuns: readonly string[]): Block[] {
  const blocks: Block[] = [];
  if (split === 'train') {
    blocks.push(notice('There are only training pictures, which the network knows: nothing here says how it does on others.'));
  }
  if (split === 'valid') {
    blocks.push(notice('There are no test pictures. The weights were chosen by these validation pictures, so the figures are a little too good.'));
  }
  if (known !== null && known.groups > 0) {
    const { groups, ofGroups, pictures, ofPictures } = known;
    blocks.push(
      notice(
        `${withCommas(groups)} of ${counted(ofGroups, 'subject')} (${withCommas(pictures)} of ${counted(ofPictures, 'picture')}) ` +
          'were seen in training: the figures are too good.',
      ),
    );
  }
  if (unknownRuns.length > 0) {
    blocks.push(
      notice(`The weights come from a run that is not there any more (${unknownRuns.join(', ')}): whether it was trained on these pictures is not known.`),
    );
  }
  return blocks;
}

function headlineFigures(judgement: Judgement): Figures {
  const { intervals, ageError } = judgement;
  const figures = HEADLINES.map(({ name, label, unit, write }) => {
    const interval = intervals?.[name];
    return { label, value: `${write(judgement[name])}${unit}`, ...(interval === undefined ? {} : { note: range(interval, write) }) };
  });
  const years =
    ageError === null
      ? []
      : [{ label: 'Mean error in years', value: ageError.years.toFixed(1), note: `${counted(ageError.pictures, 'picture')} of known age` }];
  return { kind: 'figures', figures: [...figures, ...years] };
}

/** The headline figures of every part, a column each. */
export function partsTable(parts: readonly MeasuredPart[]): Table {
  const rows = HEADLINES.map(({ name, write, ...style }) => [
    rowLabel(style),
    ...parts.map(({ judgement }) => {
      const interval = judgement.intervals?.[name];
      return interval === undefined ? write(judgement[name]) : `${write(judgement[name])} (${range(interval, write)})`;
    }),
  ]);
  const count = (label: string, of: (judgement: Judgement) => number): string[] => [
    label,
    ...parts.map(({ judgement }) => withCommas(of(judgement))),
  ];
  return table(
    'Headline figures with 95 % intervals',
    ['', ...parts.map((part) => nameOf(part).replace(/^./, (letter) => letter.toUpperCase()))],
    [
      ...rows,
      ['Mean error in years', ...parts.map(({ judgement: { ageError } }) => ageError?.years.toFixed(1) ?? '–')],
      ['Calibration error, %', ...parts.map(({ judgement: { calibration } }) => (100 * calibration.error).toFixed(1))],
      ['Most frequent band, %', ...parts.map(({ judgement: { majority } }) => (100 * majority).toFixed(1))],
      count('Pictures', ({ pictures }) => pictures),
      count('Subjects', ({ subjects }) => subjects),
    ],
  );
}

/** Precision, recall and F1 of each band. */
export function bandsTable({ perClass }: Judgement): Table {
  const score = (value: number | null): string => (value === null ? '–' : (100 * value).toFixed(1));
  return table(
    'Figures of each band, in percent',
    ['Band', 'Precision', 'Recall', 'F1', 'Pictures'],
    perClass.map(({ name, precision, recall, f1, support }) => [
      ...[name, score(precision), score(recall), score(f1), withCommas(support)],
    ]),
  );
}

/** How many pictures of each band were taken for which: counts, and shares of the true band in percent. */
export function confusionTables({ perClass, confusion }: Judgement): Table[] {
  const names = perClass.map(({ name }) => name);
  const shares = confusion.map((row, index) => {
    const { support } = perClass[index]!;
    return row.map((count) => (support === 0 ? '–' : ((100 * count) / support).toFixed(1)));
  });
  const headings = ['True band', ...names.map((name) => `as ${name}`)];
  return [
    table('Pictures by true and predicted band', headings, confusion.map((row, index) => [names[index]!, ...row.map(withCommas)])),
    table('The same as percent of the true band', headings, shares.map((row, index) => [names[index]!, ...row])),
  ];
}
