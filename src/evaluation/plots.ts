/** Plots as Vega-Lite specifications (https://vega.github.io/vega-lite/docs/), and their rendering as SVG. */
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { TopLevelSpec } from 'vega-lite';
import { bestEpoch, unfrozenEpoch } from '../training/history.js';
import type { EpochRecord } from '../training/history.js';

type PlotSpec = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];
type Layer = Extract<PlotSpec, { layer: unknown }>['layer'][number];

/** The font that comes with the package for PNG files; where an SVG is shown, others may stand in for it. */
export const PLOT_FONT = 'Atkinson Hyperlegible';
const FONT_FAMILIES = `${PLOT_FONT}, Helvetica, Arial, sans-serif`;

/** Of Okabe & Ito's palette, which the colour-blind tell apart; dashes serve print in grey. */
export const BLUE = '#0072b2';
export const VERMILION = '#d55e00';
export const GREEN = '#009e73';
const SETS = [
  { name: 'training', colour: BLUE, dash: [1, 0] },
  { name: 'validation', colour: VERMILION, dash: [6, 3] },
];
export const INK = '#222222';
export const FAINT_INK = '#666666';
export const GRID = '#e6e6e6';
const WIDTH = 330;
const HEIGHT = 240;
const STROKE = 2.5;
const LEGEND_LINE = { symbolType: 'stroke', symbolSize: 900, symbolStrokeWidth: STROKE };
const TICKS = 5;
/** With more epochs the points of a curve would run into each other. */
const MOST_POINTS = 25;

/** How all plots look. */
export const PLOT_CONFIG = {
  font: FONT_FAMILIES,
  view: { stroke: null },
  title: { anchor: 'start', frame: 'group', color: INK, fontSize: 16, subtitleColor: INK, subtitleFontSize: 13, offset: 24 },
  axis: { labelColor: INK, labelFontSize: 12, titleColor: INK, titleFontSize: 13, titleFontWeight: 'normal' },
  axisX: { grid: false, domainColor: INK, tickColor: INK, labelFlush: false },
  axisY: { gridColor: GRID, domain: false, ticks: false, labelPadding: 6 },
  legend: { orient: 'bottom', labelColor: INK, labelFontSize: 13, ...LEGEND_LINE },
} satisfies TopLevelSpec['config'];

/** One of the two plots: what it shows of an epoch, on the training and on the validation pictures. */
interface Quantity {
  title: string;
  values: (record: EpochRecord) => [number, number | null];
  /** Formats of d3 for the axis and for a single value. */
  axisFormat: string;
  valueFormat: string;
}

const QUANTITIES: Quantity[] = [
  {
    title: 'Accuracy',
    values: ({ accuracy, val_accuracy }) => [accuracy, val_accuracy],
    axisFormat: '%',
    valueFormat: '.1%',
  },
  {
    title: 'Loss',
    values: ({ loss, val_loss }) => [loss, val_loss],
    axisFormat: 'f',
    valueFormat: '.3f',
  },
];

/**
 * Accuracy and loss against epochs, side by side, on the training and the validation pictures; the best is marked, and where
 * frozen layers were unfrozen.
 */
export function historySpec(history: readonly EpochRecord[]): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    spacing: 40,
    hconcat: QUANTITIES.map((quantity) => plotSpec(quantity, history)),
    config: PLOT_CONFIG,
  };
}

/** Renders a specification without a browser. The widths of texts are only estimated, so leave them room. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function plotSpec(quantity: Quantity, history: readonly EpochRecord[]): PlotSpec {
  const domain = [history[0]?.epoch ?? 1, history.at(-1)?.epoch ?? 1];
  return {
    title: quantity.title,
    width: WIDTH,
    height: HEIGHT,
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'epoch',
        scale: { domain, nice: false },
        axis: { format: 'd', tickMinStep: 1 },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { ...flatDomain(quantity, history), zero: false, nice: TICKS },
        axis: { format: quantity.axisFormat, tickCount: TICKS },
      },
    },
    layer: [...unfrozenLayers(history), ...bestLayers(quantity, history), ...curveLayers(quantity, history)],
  };
}

/** The domain for values that are all equal, for which a scale of Vega has none: from zero to them. */
function flatDomain({ values }: Quantity, history: readonly EpochRecord[]): { domain?: [number, number] } {
  const [value, ...others] = new Set(history.flatMap(values).filter((value) => value !== null));
  return value !== undefined && others.length === 0 ? { domain: [0, value || 1] } : {};
}

/** One curve per set. */
function curveLayers({ values }: Quantity, history: readonly EpochRecord[]): Layer[] {
  const rows = history.flatMap((record) =>
    SETS.map(({ name }, set) => ({ epoch: record.epoch, set: name, value: values(record)[set] })),
  );
  const data = { values: rows.filter(({ value }) => value !== null) };
  const sets = SETS.filter(({ name }) => data.values.some((row) => row.set === name));
  const domain = sets.map(({ name }) => name);
  const color = { field: 'set', scale: { domain, range: sets.map(({ colour }) => colour) }, title: null };
  const strokeDash = { field: 'set', scale: { domain, range: sets.map(({ dash }) => dash) }, title: null };
  const lines: Layer = { data, mark: { type: 'line', strokeWidth: STROKE }, encoding: { color, strokeDash } };
  const points: Layer = { data, mark: { type: 'circle', size: 32, opacity: 1 }, encoding: { color } };
  return history.length <= MOST_POINTS ? [lines, points] : [lines];
}

/** A dashed line before the first epoch in which all layers were trained, where some were frozen before. */
function unfrozenLayers(history: readonly EpochRecord[]): Layer[] {
  const unfrozen = unfrozenEpoch(history);
  if (unfrozen === undefined) return [];
  const data = { values: [{ epoch: unfrozen.epoch - 0.5, label: 'all layers' }] };
  return [
    {
      data,
      mark: { type: 'rule', color: FAINT_INK, strokeDash: [2, 3] },
      encoding: { y: { value: 0 }, y2: { value: HEIGHT } },
    },
    {
      data,
      mark: { type: 'text', color: FAINT_INK, fontSize: 12, baseline: 'bottom', align: 'left', dx: 4 },
      encoding: { y: { value: HEIGHT - 4 }, text: { field: 'label' } },
    },
  ];
}

/** A line at the best epoch, a ring around the curve that made it the best, and its value there above the plot. */
function bestLayers({ values, valueFormat }: Quantity, history: readonly EpochRecord[]): Layer[] {
  const best = bestEpoch(history);
  if (best === undefined) return [];
  const [training, validation] = values(best);
  const data = { values: [{ epoch: best.epoch, value: validation ?? training }] };
  const label = `"best: epoch " + datum.epoch + ", " + format(datum.value, "${valueFormat}")`;
  return [
    {
      data,
      mark: { type: 'rule', color: FAINT_INK },
      encoding: { y: { value: -4 }, y2: { value: HEIGHT } },
    },
    { data, mark: { type: 'point', shape: 'circle', size: 150, color: INK, opacity: 1, strokeWidth: 1.5 } },
    {
      data,
      transform: [{ calculate: label, as: 'label' }],
      mark: { type: 'text', color: INK, fontSize: 13, baseline: 'bottom', align: labelAlignment(best, history) },
      encoding: { y: { value: -7 }, text: { field: 'label' } },
    },
  ];
}

/** Keeps a label of the best epoch within the plot. */
function labelAlignment(best: EpochRecord, history: readonly EpochRecord[]): 'left' | 'center' | 'right' {
  const place = history.indexOf(best) / (history.length - 1);
  if (place < 1 / 3) return 'left';
  return place > 2 / 3 ? 'right' : 'center';
}
