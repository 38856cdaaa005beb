/** A reliability diagram: whether a classifier is as often right as it is sure. */
import type { TopLevelSpec } from 'vega-lite';
import type { Calibration } from './calibration.js';
import { BLUE, FAINT_INK, INK, PLOT_CONFIG, VERMILION } from './plots.js';

const SIDE = 300;
const HISTOGRAM_HEIGHT = 70;

/**
 * Above, a bar for each bin of confidence as high as its accuracy, with its distance to the mean confidence in the bin;
 * below, how many pictures are in the bin. On the diagonal a classifier is calibrated. Empty bins have no bar.
 */
export function reliabilitySpec({ error, bins }: Calibration): TopLevelSpec {
  const values = bins.filter(({ pictures }) => pictures > 0);
  const scale = { domain: [0, 1], nice: false };
  const x = { field: 'from', type: 'quantitative', title: 'confidence', scale, axis: { format: '%' } } as const;
  const y = { type: 'quantitative', title: 'accuracy', scale, axis: { format: '%', tickCount: 5 } } as const;
  const place = { field: 'confidence', type: 'quantitative', scale } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    data: { values },
    spacing: 16,
    vconcat: [
      {
        title: { text: 'Reliability', subtitle: [`calibration error ${(100 * error).toFixed(1)} %,`, 'the mean orange gap'] },
        width: SIDE,
        height: SIDE,
        layer: [
          {
            mark: { type: 'bar', color: BLUE, opacity: 0.75, binSpacing: 1 },
            encoding: { x: { ...x, title: null, bin: 'binned' }, x2: { field: 'to' }, y: { ...y, field: 'accuracy' } },
          },
          {
            data: { values: [{ at: 0 }, { at: 1 }] },
            mark: { type: 'line', color: FAINT_INK, strokeDash: [4, 4], strokeWidth: 1.5 },
            encoding: { x: { field: 'at', type: 'quantitative', scale }, y: { field: 'at', type: 'quantitative', scale } },
          },
          {
            mark: { type: 'rule', color: VERMILION, strokeWidth: 2.5 },
            encoding: { x: place, y: { ...y, field: 'accuracy' }, y2: { field: 'confidence' } },
          },
          {
            mark: { type: 'point', color: INK, filled: true, size: 36, opacity: 1 },
            encoding: { x: place, y: { ...y, field: 'accuracy' } },
          },
        ],
      },
      {
        width: SIDE,
        height: HISTOGRAM_HEIGHT,
        mark: { type: 'bar', color: FAINT_INK, binSpacing: 1 },
        encoding: {
          x: { ...x, bin: 'binned' },
          x2: { field: 'to' },
          y: { field: 'pictures', type: 'quantitative', title: 'pictures', axis: { tickCount: 3, tickMinStep: 1, format: ',d' } },
        },
      },
    ],
    config: PLOT_CONFIG,
  };
}
