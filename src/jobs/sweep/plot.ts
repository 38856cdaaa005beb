/** The trials of a sweep in parallel coordinates: an axis for each option and figure, and a line for each trial. */
import type { TopLevelSpec } from 'vega-lite';
import { INK, PLOT_CONFIG } from '../../evaluation/plots.js';
import type { Value } from './parameters.js';
import type { Trial } from './record.js';
import type { Metric, SweepSettings } from './settings.js';
import { isFalling } from './settings.js';

const AXIS_STEP = 150;
const HEIGHT = 300;
/** Values that span more than this factor are shown by their logarithms. */
const WIDE = 20;
/** With more values than this an axis names its ends alone. */
const MOST_TICKS = 8;

/** An axis: where on it, from 0 to 1, the value of a trial is, and what is written beside it. */
interface Axis {
  readonly title: string;
  readonly place: (trial: Trial) => number;
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
}

/** @param trials those without a result are left out; at least one must have one */
export function sweepSpec(trials: readonly Trial[], { order, metric, asha }: SweepSettings): TopLevelSpec {
  const shown = trials.filter(({ result, status }) => result !== undefined && status !== 'failed');
  const figure = (trial: Trial): number => trial.result![metric];
  const axes = [
    ...order.map((name) => axisOf(name, shown, ({ choice }) => choice[name]!)),
    ...(asha === undefined ? [] : [axisOf('epochs', shown, ({ result }) => result!.epochs)]),
    axisOf(metric, shown, figure),
  ];
  // The best last, so that it lies on top.
  const lines = shown.toReversed().flatMap((trial) =>
    axes.map(({ title, place }) => ({ axis: title, place: place(trial), trial: trial.run, value: figure(trial) })),
  );
  const ticks = axes.flatMap(({ title, ticks }) => ticks.map((tick) => ({ axis: title, ...tick })));
  const best = lines.filter(({ trial }) => trial === shown[0]!.run);
  const y = { field: 'place', type: 'quantitative' as const, scale: { domain: [0, 1] }, axis: null };
  const label = { type: 'text', align: 'left', dx: 7, color: INK, fontSize: 12 } as const;
  const text = { field: 'label' };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: { left: 24, top: 16, right: 24, bottom: 16 },
    title: `${shown.length} trials, the best in black: ${shown[0]!.run}`,
    width: axes.length * AXIS_STEP,
    height: HEIGHT,
    encoding: {
      x: {
        ...{ field: 'axis', type: 'nominal', sort: axes.map(({ title }) => title), title: null },
        scale: { type: 'point', padding: 0.5 },
        axis: { orient: 'top', labelAngle: 0, domain: false, ticks: false, labelFontWeight: 'bold', labelPadding: 12 },
      },
    },
    layer: [
      {
        data: { values: axes.map(({ title }) => ({ axis: title })) },
        mark: { type: 'rule', color: '#999999' },
        encoding: { y: { value: 0 }, y2: { value: HEIGHT } },
      },
      {
        data: { values: lines },
        mark: { type: 'line', strokeWidth: 1.8, opacity: 0.8 },
        encoding: { y, detail: { field: 'trial' }, color: colourOf(metric) },
      },
      { data: { values: best }, mark: { type: 'line', strokeWidth: 3, color: INK }, encoding: { y } },
      // A white rim keeps the numbers legible on the lines.
      { data: { values: ticks }, mark: { ...label, stroke: 'white', strokeWidth: 4 }, encoding: { y, text } },
      { data: { values: ticks }, mark: label, encoding: { y, text } },
    ],
    config: PLOT_CONFIG,
  };
}

/** Dark for good, light for bad trials. */
function colourOf(metric: Metric) {
  return {
    field: 'value',
    type: 'quantitative',
    title: metric,
    scale: { scheme: 'viridis', reverse: !isFalling(metric) },
    legend: { orient: 'bottom', gradientLength: 240 },
  } as const;
}

function axisOf(title: string, trials: readonly Trial[], valueOf: (trial: Trial) => Value): Axis {
  const values = [...new Set(trials.map(valueOf))];
  if (!values.every((value) => typeof value === 'number')) {
    const named = values.map(String).sort();
    const place = (value: Value): number => spread(named.indexOf(String(value)), 0, named.length - 1);
    return { title, place: (trial) => place(valueOf(trial)), ticks: named.map((label) => ({ place: place(label), label })) };
  }
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const scale = least > 0 && most / least > WIDE ? Math.log : (value: number) => value;
  const place = (value: number): number => spread(scale(value), scale(least), scale(most));
  const named = values.length <= MOST_TICKS ? values : [least, most];
  const ticks = named.map((value) => ({ place: place(value), label: String(Number(value.toPrecision(4))) }));
  return { title, place: (trial) => place(valueOf(trial) as number), ticks };
}

/** Where a value lies between two others, 0 to 1; in the middle when they are the same. */
function spread(value: number, low: number, high: number): number {
  return low === high ? 0.5 : (value - low) / (high - low);
}
