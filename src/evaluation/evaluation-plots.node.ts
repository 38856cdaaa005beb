/** Plots of an evaluation as files. */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { makeFolder, writeFileAtomic } from '../base/files.node.js';
import { bandScoresSpec } from './band-scores-plot.js';
import { confusionSpec } from './confusion-plot.js';
import type { Judgement } from './judge.js';
import { renderPng } from './plots.node.js';
import { renderSvg } from './plots.js';
import { reliabilitySpec } from './reliability-plot.js';

/** The plots of an evaluation by the names of their files. */
export function evaluationSpecs(judgement: Judgement): Record<'reliability' | 'confusion' | 'bands', TopLevelSpec> {
  return {
    reliability: reliabilitySpec(judgement.calibration),
    confusion: confusionSpec(judgement),
    bands: bandScoresSpec(judgement.perClass),
  };
}

/**
 * Draws the reliability diagram, the confusion matrix and the scores per band as SVG and PNG.
 * @param folder is made if it is not there
 * @returns the paths of the files
 * @throws {FileError} when they cannot be written
 */
export async function plotEvaluation(judgement: Judgement, folder: string): Promise<string[]> {
  await makeFolder(folder);
  const written: string[] = [];
  for (const [name, spec] of Object.entries(evaluationSpecs(judgement))) {
    const [svgFile, pngFile] = [join(folder, `${name}.svg`), join(folder, `${name}.png`)];
    const svg = await renderSvg(spec);
    await writeFileAtomic(svgFile, svg);
    await writeFileAtomic(pngFile, await renderPng(svg));
    written.push(svgFile, pngFile);
  }
  return written;
}
