/** What a report says of how well a run does. */
import { counted, withCommas } from '../base/counts.js';
import type { Split } from '../data/sample.js';
import type { AgeError } from '../evaluation/ages.js';
import type { Judgement } from '../evaluation/judge.js';
import type { Block, Figure, Figures, Table } from './document.js';
import { notice, table, text } from './document.js';
import { HEADLINES, percent, range, rowLabel, UNDEFINED, withInterval } from './format.js';
import type { ReportedPart } from './measured-run.js';

export const PART_NAMES: Readonly<Record<Split, string>> = { train: 'training', valid: 'validation', test: 'test' };

export function nameOf({ split }: Pick<ReportedPart, 'split'>): string {
  return split === null ? 'all' : PART_NAMES[split];
}

/** The part that a run is judged by: the test pictures if there are any, else what is nearest to them. */
export function judgingPart(parts: readonly ReportedPart[]): ReportedPart {
  const order = ['test', null, 'valid', 'train'] as const;
  return parts.toSorted((a, b) => order.indexOf(a.split) - order.indexOf(b.split))[0]!;
}

/** The figures that matter most, with what speaks against them. */
export function summaryBlocks(part: ReportedPart): Block[] {
  const { split, judgement } = part;
  const { pictures, subjects, majority } = judgement;
  const of = subjects < pictures ? ` of ${counted(subjects, 'subject')}` : '';
  return [
    ...warnings(part),
    headlineFigures(judgement),
    text(
      `Measured on ${counted(pictures, split === null ? 'picture' : `${nameOf(part)} picture`)}${of}, without augmentation. ` +
        (judgement.intervals === null
          ? 'They are all of one subject, so there are no intervals. '
          : 'The ranges are 95 % intervals: subjects drawn again 2,000 times. ') +
        `Always naming the most frequent band would be right in ${percent(majority)}.` +
        leaksText(part),
    ),
  ];
}

/** What was looked for in the training pictures, where nothing was found. */
function leaksText({ split, leaks, nearCopies }: ReportedPart): string {
  if (split === 'train' || (leaks !== null && leaks.groups > 0)) return '';
  const subjects =
    leaks === null
      ? ' The data name no subjects, so each picture counts as one; none of the files was seen in training'
      : ' None of these subjects was seen in training';
  return `${subjects}${nearCopies?.pictures === 0 ? ', nor a near copy of any of these pictures.' : '.'}`;
}

function warnings({ split, leaks, nearCopies, unknownRuns }: ReportedPart): Block[] {
  const blocks: Block[] = [];
  if (split === 'train') {
    blocks.push(notice('There are only training pictures, which the network knows: nothing here says how it does on others.'));
  }
  if (split === 'valid') {
    blocks.push(notice('There are no test pictures. The weights were chosen by these validation pictures, so the figures are a little too good.'));
  }
  if (leaks !== null && leaks.groups > 0) {
    const { groups, ofGroups, pictures, ofPictures } = leaks;
    blocks.push(
      notice(
        `${withCommas(groups)} of ${counted(ofGroups, 'subject')} (${withCommas(pictures)} of ${counted(ofPictures, 'picture')}) ` +
          'were seen in training: the figures are too good.',
      ),
    );
  }
  if (nearCopies !== null && nearCopies.pictures > 0) {
    const { pictures, ofPictures } = nearCopies;
    blocks.push(
      notice(`${withCommas(pictures)} of ${counted(ofPictures, 'picture')} are near copies of training pictures: the figures are too good.`),
    );
  }
  if (unknownRuns.length > 0) {
    blocks.push(
      notice(`What ${unknownRuns.join(', ')} was trained on, from which the weights come, is not known: these pictures may be among it.`),
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
  const years = ageError === null ? [] : [yearsFigure(ageError)];
  return { kind: 'figures', figures: [...figures, ...years] };
}

function yearsFigure({ years, interval, pictures }: AgeError): Figure {
  const note = interval === null ? `${counted(pictures, 'picture')} of known age` : range(interval, inYears);
  return { label: 'Mean error in years', value: inYears(years), note };
}

const inYears = (years: number): string => years.toFixed(1);

/** The mean error in years with its interval. */
function yearsOf({ ageError }: Judgement): string {
  if (ageError === null) return UNDEFINED;
  const { years, interval } = ageError;
  return interval === null ? inYears(years) : `${inYears(years)} (${range(interval, inYears)})`;
}

function calibrationText({ calibration, calibrationInterval }: Judgement): string {
  const inPercent = (share: number): string => (100 * share).toFixed(1);
  return calibrationInterval === null ? inPercent(calibration.error) : `${inPercent(calibration.error)} (${range(calibrationInterval, inPercent)})`;
}

/** The headline figures of every part, a column each. */
export function partsTable(parts: readonly ReportedPart[]): Table {
  const rows = HEADLINES.map((style) => [rowLabel(style), ...parts.map(({ judgement }) => withInterval(judgement, style))]);
  const count = (label: string, of: (judgement: Judgement) => number): string[] => [
    label,
    ...parts.map(({ judgement }) => withCommas(of(judgement))),
  ];
  return table(
    'Headline figures with 95 % intervals',
    ['', ...parts.map((part) => nameOf(part).replace(/^./, (letter) => letter.toUpperCase()))],
    [
      ...rows,
      ['Mean error in years', ...parts.map(({ judgement }) => yearsOf(judgement))],
      ['Calibration error, %', ...parts.map(({ judgement }) => calibrationText(judgement))],
      ['Most frequent band, %', ...parts.map(({ judgement: { majority } }) => (100 * majority).toFixed(1))],
      count('Pictures', ({ pictures }) => pictures),
      count('Subjects', ({ subjects }) => subjects),
      ...(parts.some(({ judgement: { between } }) => between > 0) ? [count('Between two bands', ({ between }) => between)] : []),
    ],
  );
}

