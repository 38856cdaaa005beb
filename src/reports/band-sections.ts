/** What a report says of each band, of confusions, of calibration, and of groups of people. */
import { withCommas } from '../base/counts.js';
import { bandScoresSpec } from '../evaluation/band-scores-plot.js';
import type { ColumnFigures } from '../evaluation/columns.js';
import { confusionSpec } from '../evaluation/confusion-plot.js';
import type { Judgement } from '../evaluation/judge.js';
import { renderSvg } from '../evaluation/plots.js';
import { reliabilitySpec } from '../evaluation/reliability-plot.js';
import type { Section, Table } from './document.js';
import { table, text } from './document.js';
import { HEADLINES, percent, rowLabel, UNDEFINED, withInterval } from './format.js';
import type { ReportedPart } from './measured-run.js';

/** Without the sign. */
const share = (value: number | null): string => (value === null ? UNDEFINED : (100 * value).toFixed(1));

/** Precision, recall and F1 of each band. */
export async function bandsSection({ perClass }: Judgement): Promise<Section> {
  const numbers = table(
    'Figures of each band, in percent',
    ['Band', 'Precision', 'Recall', 'F1', 'Pictures'],
    perClass.map(({ name, precision, recall, f1, support }) => [
      ...[name, share(precision), share(recall), share(f1), withCommas(support)],
    ]),
  );
  const parts = perClass.map(({ name, recall, f1 }) => `${name} ${percent(recall)}, ${percent(f1)}`);
  const plot = {
    ...{ name: 'bands', svg: await renderSvg(bandScoresSpec(perClass)), tables: [numbers] },
    description: `Precision, recall and F1 of each band. Recall and F1: ${parts.join('; ')}.`,
  };
  return {
    title: 'Bands',
    blocks: [
      text(
        'Precision: how many of the pictures put into a band belong there. Recall: how many of those that belong there were ' +
          'put there. F1: the harmonic mean of both. A dash stands where there is nothing to count.',
      ),
      { kind: 'plots', plots: [plot] },
    ],
  };
}

/** How many pictures of each band were taken for which. */
export async function confusionSection(judgement: Judgement): Promise<Section> {
  const { perClass, confusion, confusionShares } = judgement;
  const names = perClass.map(({ name }) => name);
  const headings = ['True band', ...names];
  const rows = (cells: readonly (readonly string[])[]): string[][] => cells.map((row, index) => [names[index]!, ...row]);
  const tables: Table[] = [
    table('Pictures by true band (rows) and predicted band (columns)', headings, rows(confusion.map((row) => row.map(withCommas)))),
    table('The same in percent of the true band', headings, rows(confusionShares.map((row) => row.map(share)))),
  ];
  const most = perClass.map(({ name, support }, index) => {
    const row = confusion[index]!;
    const taken = row.indexOf(Math.max(...row));
    return support === 0 ? `${name}: no pictures` : `${name} as ${names[taken]!} (${percent(row[taken]! / support)})`;
  });
  const plot = {
    ...{ name: 'confusion', svg: await renderSvg(confusionSpec(judgement)), tables, shaded: true },
    description: `Confusion matrix. Most often, bands are taken as follows: ${most.join('; ')}.`,
  };
  return { title: 'Confusion', blocks: [{ kind: 'plots', plots: [plot] }] };
}

/** Whether the network is as sure as it is right, and what a temperature makes of that. */
export async function calibrationSection({ judgement: { calibration }, temperature }: ReportedPart): Promise<Section> {
  const bins = table(
    'Pictures by the probability of their likeliest band',
    ['Probability', 'Pictures', 'Mean, %', 'Right, %'],
    calibration.bins.map(({ from, to, pictures, confidence, accuracy }) => [
      ...[`${(100 * from).toFixed(0)} to ${percent(to).replace('.0', '')}`, withCommas(pictures), share(confidence), share(accuracy)],
    ]),
  );
  const plot = {
    ...{ name: 'reliability', svg: await renderSvg(reliabilitySpec(calibration)), tables: [bins] },
    description: `Reliability diagram: accuracy against confidence. The calibration error is ${percent(calibration.error)}.`,
  };
  return {
    title: 'Calibration',
    blocks: [
      text(
        `The probability of the likeliest band is off by ${percent(calibration.error)} on average (expected calibration error).` +
          (temperature === null
            ? ' No temperature has been fitted; ageband evaluate --calibrate fits one on the validation pictures.'
            : `${temperature.isAdjusted ? ' Bands that are rare in training are favoured, and the' : ' The'} logits are divided by a temperature of ` +
              `${temperature.value.toFixed(3)}; without that the error would be ` +
              `${percent(temperature.before.calibrationError)} and the loss ${temperature.before.loss.toFixed(3)}.`) +
          (temperature?.fittedHere === true ? ' It was fitted on these very pictures, so both are too good.' : ''),
      ),
      { kind: 'plots', plots: [plot] },
    ],
  };
}

/** The headline figures for each value of a column, a column each. */
export function columnSection({ column, values }: ColumnFigures): Section {
  const name = column.replace(/^./, (letter) => letter.toUpperCase());
  const figures = table(
    'Headline figures with 95 % intervals',
    [name, ...values.map(({ value }) => value ?? 'not known')],
    [...HEADLINES.map((style) => [rowLabel(style), ...values.map((value) => withInterval(value, style))]), ['Pictures', ...values.map(({ pictures }) => withCommas(pictures))]],
  );
  return { title: `By ${column}`, blocks: [figures] };
}
