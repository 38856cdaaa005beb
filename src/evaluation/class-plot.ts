/** A plot of the pictures per class. */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { writeFileAtomic } from '../base/files.node.js';
import type { ClassCount } from '../data/check-manifest.js';
import { renderPng } from './plots.node.js';
import { BLUE, INK, PLOT_CONFIG, renderSvg } from './plots.js';

const WIDTH = 420;
const BAR_STEP = 30;
/** With more classes the plot would be a very long one. */
const MOST_CLASSES = 50;

/** Horizontal bars in the order of the classes, each with its number; of very many classes the largest. */
export function classCountsSpec(classes: readonly ClassCount[]): TopLevelSpec {
  const shown = new Set(classes.toSorted((a, b) => b.pictures - a.pictures).slice(0, MOST_CLASSES));
  const values = classes.filter((count) => shown.has(count));
  const title = shown.size < classes.length ? `Pictures in the ${shown.size} largest classes` : 'Pictures per class';
  const bars = { type: 'bar', color: BLUE } as const;
  const numbers = { type: 'text', align: 'left', dx: 5, color: INK, fontSize: 12 } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: { left: 16, top: 16, bottom: 16, right: 56 },
    title,
    width: WIDTH,
    height: { step: BAR_STEP },
    data: { values },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, title: null },
      x: { field: 'pictures', type: 'quantitative', axis: null },
    },
    layer: [{ mark: bars }, { mark: numbers, encoding: { text: { field: 'pictures', format: ',' } } }],
    config: PLOT_CONFIG,
  };
}

/** Draws the pictures per class as `classes.svg` and `classes.png` in a folder and returns the paths of both. */
export async function plotClassCounts(classes: readonly ClassCount[], folder: string): Promise<string[]> {
  const [svgFile, pngFile] = [join(folder, 'classes.svg'), join(folder, 'classes.png')];
  const svg = await renderSvg(classCountsSpec(classes));
  await writeFileAtomic(svgFile, svg);
  await writeFileAtomic(pngFile, await renderPng(svg));
  return [svgFile, pngFile];
}
