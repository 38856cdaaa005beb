/** Precision, recall and F1 of each class. */
import type { TopLevelSpec } from 'vega-lite';
import type { ClassMetrics } from './metrics.js';
import { BLUE, FAINT_INK, GREEN, INK, PLOT_CONFIG, VERMILION } from './plots.js';

const HEIGHT = 240;
const CLASS_WIDTH = 72;
const SCORES = [
  { score: 'precision', colour: BLUE },
  { score: 'recall', colour: VERMILION },
  { score: 'F1', colour: GREEN },
] as const;

/** Three bars per class, in percent, with its number of pictures. A score that is not defined is a dash. */
export function bandScoresSpec(perClass: readonly ClassMetrics[]): TopLevelSpec {
  const names = perClass.map(({ name }) => name);
  const rows = perClass.flatMap((figures) =>
    SCORES.map(({ score }) => {
      const value = score === 'F1' ? figures.f1 : figures[score];
      return { name: figures.name, score, value: value ?? 0, shown: value === null ? '–' : String(Math.round(100 * value)) };
    }),
  );
  const scores = SCORES.map(({ score }) => score);
  const x = { field: 'name', type: 'ordinal', sort: names, title: null, axis: { labelAngle: 0, ticks: false, labelFontSize: 13 } } as const;
  const xOffset = { field: 'score', sort: scores } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title: 'Precision, recall and F1',
    width: { step: CLASS_WIDTH, for: 'position' },
    height: HEIGHT,
    encoding: { x },
    layer: [
      {
        data: { values: rows },
        mark: { type: 'bar' },
        encoding: {
          xOffset,
          y: { field: 'value', type: 'quantitative', title: null, scale: { domain: [0, 1] }, axis: { tickCount: 5, format: '%' } },
          color: {
            field: 'score',
            scale: { domain: scores, range: SCORES.map(({ colour }) => colour) },
            legend: { title: null, offset: 32, symbolType: 'square', symbolSize: 120, symbolStrokeWidth: 0 },
          },
        },
      },
      {
        data: { values: rows },
        mark: { type: 'text', baseline: 'bottom', dy: -3, fontSize: 10, color: INK },
        encoding: { xOffset, y: { field: 'value', type: 'quantitative' }, text: { field: 'shown' } },
      },
      {
        data: { values: perClass.map(({ name, support }) => ({ name, support })) },
        transform: [{ calculate: 'format(datum.support, ",") + (datum.support == 1 ? " picture" : " pictures")', as: 'note' }],
        mark: { type: 'text', color: FAINT_INK, fontSize: 10, baseline: 'top', dy: 22 },
        encoding: { y: { value: HEIGHT }, text: { field: 'note' } },
      },
    ],
    config: PLOT_CONFIG,
  };
}
