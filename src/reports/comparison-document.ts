import { counted, withCommas } from '../base/counts.js';
import { PAIRED_DRAWS } from '../evaluation/paired.js';
import { renderSvg } from '../evaluation/plots.js';
import { DEFAULT_CONFIG } from '../training/config.js';
import type { ComparedRun, Comparison } from './compare.js';
import { shortNames } from './compare.js';
import type { Block, Document, Plot, Table } from './document.js';
import { notice, table, text } from './document.js';
import { HEADLINES, percent, range, rowLabel, signed, UNDEFINED, withInterval } from './format.js';
import { settingText } from './provenance.js';
import { PART_NAMES } from './results.js';
import { CURVE_QUANTITIES, runCurvesSpec } from './run-curves.js';

/** Runs side by side, with what is certain of their differences. */
export async function comparisonDocument(comparison: Comparison): Promise<Document> {
  const { runs, split, data, pictures, subjects } = comparison;
  const names = shortNames(runs.map(({ run }) => run));
  const of = subjects < pictures ? ` of ${counted(subjects, 'subject')}` : '';
  return {
    title: names.join(' – '),
    lead: [
      `${counted(runs.length, 'run')} on the same ${counted(pictures, `${PART_NAMES[split]} picture`)}${of}`,
      data === null ? 'of the data set that they were trained on' : `of ${data}`,
    ],
    sections: [
      { title: 'Figures', blocks: [...warnings(comparison, names), figuresTable(comparison, names)] },
      { title: 'Differences', blocks: differenceBlocks(comparison, names) },
      { title: 'Curves', blocks: await curveBlocks(runs, names) },
      { title: 'Bands', blocks: bandTables(runs, names) },
      { title: 'Settings', blocks: settingBlocks(runs, names) },
    ],
  };
}

/** What speaks against the figures. */
export function comparisonWarnings({ runs }: Comparison, names: readonly string[]): string[] {
  return runs.flatMap(({ leaks, nearCopies, unknownRuns }, index) => [
    ...(leaks === null || leaks.groups === 0
      ? []
      : [
          `${names[index]!} has seen ${withCommas(leaks.groups)} of ${counted(leaks.ofGroups, 'subject')} ` +
            `(${withCommas(leaks.pictures)} of ${counted(leaks.ofPictures, 'picture')}) in training: its figures are too good.`,
        ]),
    ...(nearCopies === null || nearCopies.pictures === 0
      ? []
      : [
          `${withCommas(nearCopies.pictures)} of ${counted(nearCopies.ofPictures, 'picture')} are near copies of training pictures ` +
            `of ${names[index]!}: its figures are too good.`,
        ]),
    ...unknownRuns.map((run) => `What ${run} was trained on, from which the weights of ${names[index]!} come, is not known.`),
  ]);
}

function warnings(comparison: Comparison, names: readonly string[]): Block[] {
  return comparisonWarnings(comparison, names).map(notice);
}

function figuresTable({ runs }: Comparison, names: readonly string[]): Table {
  return table(
    'Headline figures with 95 % intervals',
    ['', ...names],
    [
      ...HEADLINES.map((style) => [rowLabel(style), ...runs.map(({ judgement }) => withInterval(judgement, style))]),
      ['Mean error in years', ...runs.map(({ judgement: { ageError } }) => ageError?.years.toFixed(1) ?? UNDEFINED)],
      ['Calibration error, %', ...runs.map(({ judgement: { calibration } }) => (100 * calibration.error).toFixed(1))],
    ],
  );
}

function differenceBlocks({ differences, subjects }: Comparison, names: readonly string[]): Block[] {
  const [first, ...others] = names;
  if (differences.some((difference) => difference === null)) {
    return [text('All pictures are of one subject, so nothing can be said of how certain the differences are.')];
  }
  return [
    text(
      `Each run less ${first!}. The intervals (95 %) and p values are of a paired bootstrap: ${withCommas(PAIRED_DRAWS)} times ` +
        `${counted(subjects, 'subject')} were drawn again, each with what both runs make of its pictures. p is twice the ` +
        'share of the draws in which the difference is 0 or has the other sign, counting the measured one as a draw.' +
        (others.length > 1 ? ' The p values are not corrected for the number of runs.' : ''),
    ),
    ...others.map((name, index) => {
      const rows = HEADLINES.map((style) => {
        const { difference, interval, p } = differences[index]![style.name];
        const write = signed(style.write);
        return [rowLabel(style), write(difference), range(interval, write), pText(p), verdictOf(difference, p, style.rising)];
      });
      return table(`${name} less ${first!}`, ['', 'Difference', '95 % interval', 'p', 'Verdict'], rows, ['Verdict']);
    }),
  ];
}

/** A p value with as many digits as 10,000 draws bear. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** In words, at the level of 5 %. */
export function verdictOf(difference: number, p: number, rising: boolean): string {
  if (p >= 0.05) return 'could be chance';
  return difference > 0 === rising ? 'better' : 'worse';
}

async function curveBlocks(runs: readonly ComparedRun[], names: readonly string[]): Promise<Block[]> {
  const curves = runs.map(({ history }, index) => ({ name: names[index]!, history }));
  if (curves.every(({ history }) => history.length === 0)) return [text('No run has ended an epoch.')];
  const plots = await Promise.all(
    CURVE_QUANTITIES.map(async (quantity): Promise<Plot> => {
      const ends = curves.flatMap(({ name, history }) => {
        const value = history.length === 0 ? null : quantity.of(history.at(-1)!);
        return value === null ? [] : [`${name} ends at ${quantity.format === '%' ? percent(value) : value.toFixed(3)}`];
      });
      return {
        ...{ name: quantity.title.toLowerCase(), svg: await renderSvg(runCurvesSpec(quantity, curves)) },
        description: `${quantity.title} by epoch: ${ends.join(', ')}.`,
      };
    }),
  );
  return [text('On the validation pictures of each run, or on its training pictures where it has none.'), { kind: 'plots', plots }];
}

function bandTables(runs: readonly ComparedRun[], names: readonly string[]): Table[] {
  const share = (value: number | null): string => (value === null ? UNDEFINED : (100 * value).toFixed(1));
  const tableOf = (caption: string, figure: 'recall' | 'f1'): Table =>
    table(
      caption,
      ['Band', ...names, 'Pictures'],
      runs[0]!.judgement.perClass.map(({ name, support }, band) => [
        ...[name, ...runs.map(({ judgement }) => share(judgement.perClass[band]![figure])), withCommas(support)],
      ]),
    );
  return [tableOf('Recall of each band, in percent', 'recall'), tableOf('F1 of each band, in percent', 'f1')];
}

/** The settings that are not the same in all runs. */
export function differingSettings(runs: readonly Pick<ComparedRun, 'config'>[]): { name: string; values: string[] }[] {
  const names = new Set([...Object.keys(DEFAULT_CONFIG), ...runs.flatMap(({ config }) => Object.keys(config))]);
  return [...names].flatMap((name) => {
    const values = runs.map(({ config }) => settingText((config as Readonly<Record<string, unknown>>)[name]));
    return new Set(values).size === 1 ? [] : [{ name, values }];
  });
}

function settingBlocks(runs: readonly ComparedRun[], names: readonly string[]): Block[] {
  const differing = differingSettings(runs);
  if (differing.length === 0) return [text('All runs have the same settings.')];
  return [table('Settings that differ', ['Setting', ...names], differing.map(({ name, values }) => [name, ...values]), names)];
}
