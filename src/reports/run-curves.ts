/** The curves of several runs over each other. */
import type { TopLevelSpec } from 'vega-lite';
import { BLUE, GREEN, PLOT_CONFIG, VERMILION } from '../evaluation/plots.js';
import type { EpochRecord } from '../training/history.js';

const [WIDTH, HEIGHT] = [330, 240];
const TICKS = 5;
/** Blue, vermilion and green, full and then dashed. */
const COLOURS = [BLUE, VERMILION, GREEN];
const DASHES = [[1, 0], [6, 3], [2, 2]];

/** A quantity of an epoch; null where there is none. */
export interface CurveQuantity {
  readonly title: string;
  readonly of: (record: EpochRecord) => number | null;
  /** Format of d3 for the axis. */
  readonly format: string;
}

export const CURVE_QUANTITIES: readonly CurveQuantity[] = [
  { title: 'Accuracy', of: ({ accuracy, val_accuracy }) => val_accuracy ?? accuracy, format: '%' },
  { title: 'Loss', of: ({ loss, val_loss }) => val_loss ?? loss, format: 'f' },
];

/** One curve per run. */
export function runCurvesSpec(
  { title, of, format }: CurveQuantity,
  runs: readonly { readonly name: string; readonly history: readonly EpochRecord[] }[],
): TopLevelSpec {
  const values = runs.flatMap(({ name, history }) =>
    history.flatMap((record) => {
      const value = of(record);
      return value === null ? [] : [{ name, epoch: record.epoch, value }];
    }),
  );
  const domain = runs.map(({ name }) => name);
  const range = <Value>(list: readonly Value[], each: number): Value[] =>
    domain.map((_, index) => list[Math.floor(index / each) % list.length]!);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    title,
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.5, point: { size: 32 } },
    encoding: {
      x: { field: 'epoch', type: 'quantitative', scale: { nice: false, zero: false }, axis: { format: 'd', tickMinStep: 1 } },
      y: { field: 'value', type: 'quantitative', title: null, scale: { zero: false, nice: TICKS }, axis: { format, tickCount: TICKS } },
      color: { field: 'name', scale: { domain, range: range(COLOURS, 1) }, title: null },
      strokeDash: { field: 'name', scale: { domain, range: range(DASHES, COLOURS.length) }, title: null },
    },
    config: { ...PLOT_CONFIG, legend: { ...PLOT_CONFIG.legend, columns: 2, labelLimit: WIDTH / 2 } },
  };
}
