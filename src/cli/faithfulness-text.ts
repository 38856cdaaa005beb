import type { Faithfulness } from '../evaluation/faithfulness/measure.js';
import type { CurveSummary, Mean, RegionSummary } from '../evaluation/faithfulness/summary.js';
import { alignedTable } from './columns.js';
import { counted } from './style.js';

const right = (heading: string) => ({ heading, align: 'right' }) as const;
const left = (heading: string) => ({ heading, align: 'left' }) as const;

/** How faithful maps are, as tables. @param plots paths of the plots */
export function faithfulnessText(result: Faithfulness, plots: readonly string[]): string {
  const { split, method, layer, pictures, deletion, insertion } = result;
  return [
    `${split}: ${counted(pictures, 'picture')}, ${method} at ${layer}`,
    ...notes(result),
    '',
    ...alignedTable(
      [left('area under the curve'), right('map'), right('random weights'), right('random order')],
      [areaRow('deletion (lower is better)', deletion), areaRow('insertion (higher is better)', insertion)],
    ),
    '',
    ...alignedTable(
      [left('map better than'), right('random weights'), left('95 % interval'), right('random order'), left('95 % interval')],
      [gainRow('deletion', deletion), gainRow('insertion', insertion)],
    ),
    ...likenessLines(result),
    ...regionLines(result),
    '',
    ...plots,
  ].join('\n');
}

function notes({ empty, withoutFace }: Faithfulness): string[] {
  return [
    ...(empty > 0 ? [`${counted(empty, 'picture')} with an empty map left out`] : []),
    ...(withoutFace > 0 ? [`no face found in ${counted(withoutFace, 'picture')}, which the shares of regions leave out`] : []),
  ];
}

function areaRow(name: string, { mapArea, controlArea, randomArea }: CurveSummary): string[] {
  return [name, mapArea.toFixed(4), controlArea.toFixed(4), randomArea.toFixed(4)];
}

function gainRow(name: string, { gain, controlGain }: CurveSummary): string[] {
  return [name, ...[controlGain, gain].flatMap((mean) => [signed(mean.mean, 4), interval(mean, 4)])];
}

function likenessLines({ likeness }: Faithfulness): string[] {
  const shown = likeness === null ? 'not defined: theirs are the same everywhere' : `${signed(likeness.mean, 3)} ${interval(likeness, 3)}`;
  return ['', `Rank correlation with the maps of random weights: ${shown}`];
}

function regionLines({ regions }: Faithfulness): string[] {
  if (regions === null) return [];
  const row = (name: string, { mass, area, excess }: RegionSummary): string[] => [
    name,
    percent(mass.mean),
    percent(area.mean),
    (mass.mean / area.mean).toFixed(2),
    `${signed(100 * excess.mean, 1)} points`,
    interval({ mean: excess.mean, interval: excess.interval && scaled(excess.interval) }, 1),
  ];
  return [
    '',
    ...alignedTable(
      [left('region'), right('of the map'), right('of the area'), right('ratio'), right('difference'), left('95 % interval')],
      [row('face', regions.face), row('eyes', regions.eyes)],
    ),
  ];
}

const scaled = ({ low, high }: { low: number; high: number }) => ({ low: 100 * low, high: 100 * high });

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}

function interval({ interval: range }: Mean, digits: number): string {
  return range === null ? '-' : `[${signed(range.low, digits)}, ${signed(range.high, digits)}]`;
}
