import { join, parse } from 'node:path';
import { makeFolder, writeFileAtomic } from '../base/files.node.js';
import { floatTensor } from '../base/tensor.js';
import { SafeNames } from '../data/safe-names.js';
import { writeNpy } from '../formats/npy.js';
import type { FailedPrediction } from './classify.js';
import type { ExplainOptions, PictureExplanation } from './explain.js';
import { explainPicture, openExplainer } from './explain.js';
import { explanationPng } from './explanation-figure.js';

/** @property raw writes the values of each map too; not by default */
export type WriteExplanationsOptions = ExplainOptions & { readonly raw?: boolean };

/** What was written of a picture. */
export interface WrittenExplanation extends Omit<PictureExplanation, 'map'> {
  /** Height and width of the map, in cells. */
  readonly cells: readonly [height: number, width: number];
  /** The largest value of the map, which the figure shows as 1. */
  readonly largest: number;
  /** Path of the figure. */
  readonly figure: string;
  /** Path of the values, where they were asked for. */
  readonly raw?: string;
}

/**
 * Explains pictures and writes a figure of each into a folder as NAME.png, and with `raw` the map as NAME.npy: float32,
 * [height, width] in cells, as the method gives it. A picture that cannot be read gives its error.
 * @throws {ConfigError} {FileError} {FormatError} as `explainPictures`, and when the folder cannot be written
 */
export async function* writeExplanations(
  files: readonly string[],
  folder: string,
  options: WriteExplanationsOptions = {},
): AsyncGenerator<WrittenExplanation | FailedPrediction, void, undefined> {
  const explainer = await openExplainer(options);
  const names = new SafeNames();
  try {
    await makeFolder(folder);
    for (const file of files) {
      const explained = await explainPicture(explainer, file, options);
      if ('error' in explained) {
        yield explained;
        continue;
      }
      const figure = join(folder, names.claim(`${parse(file).name}.png`));
      await writeFileAtomic(figure, await explanationPng(explained, options.opacity));
      const { map, picture: _picture, overlay: _overlay, ...told } = explained;
      const cells = [map.height, map.width] as const;
      const raw = figure.replace(/\.png$/, '.npy');
      if (options.raw === true) await writeFileAtomic(raw, writeNpy(floatTensor(map.values, cells)));
      const largest = map.values.reduce((most, value) => Math.max(most, value), -Infinity);
      yield { ...told, cells, largest, figure, ...(options.raw === true ? { raw } : {}) };
    }
  } finally {
    await explainer.dispose();
  }
}
