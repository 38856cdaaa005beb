/** The curves of deletion and insertion as plots. */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { makeFolder, writeFileAtomic } from '../../base/files.node.js';
import { renderPng } from '../plots.node.js';
import { BLUE, PLOT_CONFIG, renderSvg } from '../plots.js';
import type { CurveSummary, FaithfulnessSummary } from './summary.js';

type PlotSpec = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];

const WIDTH = 330;
const HEIGHT = 240;
const ORDERS = [
  { order: 'map', name: 'map', colour: BLUE, dash: [1, 0] },
  { order: 'control', name: 'random weights', colour: '#009e73', dash: [2, 2] },
  { order: 'random', name: 'random order', colour: '#d55e00', dash: [6, 3] },
] as const;
const NAMES = ORDERS.map(({ name }) => name);

/** Mean probability of the explained band against the share of the pixels, deletion and insertion side by side. */
export function faithfulnessSpec({ deletion, insertion }: FaithfulnessSummary): TopLevelSpec {
  const highest = Math.max(...[deletion, insertion].flatMap(({ map, random, control }) => [...map, ...random, ...control]));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 16,
    spacing: 40,
    hconcat: [
      plotSpec('Deletion: lower is better', 'pixels replaced by the mean colour', deletion, highest),
      plotSpec('Insertion: higher is better', 'pixels brought back into the blurred picture', insertion, highest),
    ],
    config: PLOT_CONFIG,
  };
}

/** Draws both curves as `faithfulness.svg` and `faithfulness.png` in a folder and returns the paths of both. */
export async function plotFaithfulness(summary: FaithfulnessSummary, folder: string): Promise<string[]> {
  const [svgFile, pngFile] = [join(folder, 'faithfulness.svg'), join(folder, 'faithfulness.png')];
  const svg = await renderSvg(faithfulnessSpec(summary));
  await makeFolder(folder);
  await writeFileAtomic(svgFile, svg);
  await writeFileAtomic(pngFile, await renderPng(svg));
  return [svgFile, pngFile];
}

function plotSpec(title: string, xTitle: string, curves: CurveSummary, highest: number): PlotSpec {
  const values = ORDERS.flatMap(({ order, name }) =>
    curves[order].map((probability, step) => ({ share: step / (curves[order].length - 1), probability, name })),
  );
  return {
    title,
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    mark: { type: 'line', strokeWidth: 2.5 },
    encoding: {
      x: { field: 'share', type: 'quantitative', title: xTitle, axis: { format: '%', tickCount: 5 } },
      y: {
        field: 'probability',
        type: 'quantitative',
        title: 'probability of the band',
        scale: { domain: [0, highest], nice: true },
        axis: { format: '.1f', tickCount: 5 },
      },
      color: { field: 'name', scale: { domain: NAMES, range: ORDERS.map(({ colour }) => colour) }, title: null },
      strokeDash: { field: 'name', scale: { domain: NAMES, range: ORDERS.map(({ dash }) => [...dash]) }, title: null },
    },
  };
}
