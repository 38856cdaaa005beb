/** A confusion matrix as a heat map. */
import type { TopLevelSpec } from 'vega-lite';
import { INK, PLOT_CONFIG } from './plots.js';
import type { Metrics } from './metrics.js';

const CELL = 52;
/** On cells as dark as this and darker, the text is white. */
const DARK = 0.55;

/**
 * One row per true class and one column per predicted class. The colour and the percentage are the share of the pictures of
 * the true class, the small figure is their number. In the row of a class without pictures, the share is a dash.
 */
export function confusionSpec({ perClass, confusion, confusionShares }: Pick<Metrics, 'perClass' | 'confusion' | 'confusionShares'>): TopLevelSpec {
  const names = perClass.map(({ name }) => name);
  const values = confusion.flatMap((row, label) =>
    row.map((pictures, predicted) => {
      const share = confusionShares[label]?.[predicted] ?? null;
      const shown = share === null ? '–' : `${Math.round(100 * share)} %`;
      return { label: names[label], predicted: names[predicted], pictures, share, shown };
    }),
  );
  const text = { type: 'text', baseline: 'middle' } as const;
  const colour = { condition: { test: `datum.share > ${DARK}`, value: 'white' }, value: INK };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title: { text: 'Confusion', subtitle: '% of the true band, and pictures' },
    width: { step: CELL },
    height: { step: CELL },
    data: { values },
    encoding: {
      x: { field: 'predicted', type: 'ordinal', sort: names, title: 'predicted band', axis: { labelAngle: 0, ticks: false, domain: false } },
      y: { field: 'label', type: 'ordinal', sort: names, title: 'true band', axis: { grid: false } },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 2 },
        encoding: {
          color: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: ['#f2f6fa', '#08519c'] }, legend: null },
        },
      },
      { mark: { ...text, dy: -6, fontSize: 13 }, encoding: { text: { field: 'shown' }, color: colour } },
      { mark: { ...text, dy: 11, fontSize: 10 }, encoding: { text: { field: 'pictures', format: ',' }, color: colour } },
    ],
    config: PLOT_CONFIG,
  };
}
