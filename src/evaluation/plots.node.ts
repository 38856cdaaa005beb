/** Plots as files. */
import { renderAsync } from '@resvg/resvg-js';
import { createRequire } from 'node:module';
import { DataError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { readHistory } from '../training/history.js';
import { openRun } from '../training/run-folder.js';
import { historySpec, PLOT_FONT, renderSvg } from './plots.js';

/** Pixels per SVG unit: sharp on dense screens and in print at the width of a page. */
export const PNG_SCALE = 2.5;

/** A machine may have no fonts at all, so those of the plots come with the package. */
const FONT_FILES = ['400Regular/AtkinsonHyperlegible_400Regular.ttf', '700Bold/AtkinsonHyperlegible_700Bold.ttf'].map(
  (file) => createRequire(import.meta.url).resolve(`@expo-google-fonts/atkinson-hyperlegible/${file}`),
);

/** Renders an SVG of `renderSvg` as a PNG file. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const image = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: PNG_SCALE },
    font: { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: PLOT_FONT },
  });
  return image.asPng();
}

/**
 * Draws the training curves of a run as `curves.svg` and `curves.png` and returns the paths of both.
 * @param path folder of the run
 * @throws {ConfigError} when there is no run.
 * @throws {DataError} when its first epoch is not over.
 */
export async function plotHistory(path: string): Promise<string[]> {
  const run = await openRun(path);
  const history = await readHistory(run);
  if (history.length === 0) {
    throw new DataError(`${path}: there is nothing to plot yet`, { hint: 'Wait until the first epoch is over.' });
  }
  const svg = await renderSvg(historySpec(history));
  await writeFileAtomic(run.curvesSvg, svg);
  await writeFileAtomic(run.curvesPng, await renderPng(svg));
  return [run.curvesSvg, run.curvesPng];
}
