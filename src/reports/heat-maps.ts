/** Where the network finds what speaks for the bands that it names, on one right and one wrong picture of each. */
import { basename } from 'node:path';
import { likeliest } from '../base/likeliest.js';
import { PictureError } from '../base/errors.js';
import type { Sample } from '../data/sample.js';
import type { PictureExplainer } from '../evaluation/explain.js';
import { openExplainer } from '../evaluation/explain.js';
import { METHOD_NAMES } from '../explain/map-methods.js';
import { overlayMap } from '../explain/overlay.js';
import { decodePicture } from '../images/decode.node.js';
import type { CaptionedPicture, Section } from './document.js';
import { text } from './document.js';
import { percent } from './format.js';
import type { MeasuredRun, ReportedPart } from './measured-run.js';
import { imageOf, thumbnailOf } from './thumbnails.js';

/** A picture whose prediction is explained. */
export interface Example {
  readonly sample: Sample;
  readonly predicted: number;
  readonly probability: number;
}

/** Of each band, the picture that was put there rightly with the greatest probability, and that which was put elsewhere so. */
export function examplesOf({ samples, distributions }: Pick<ReportedPart, 'samples' | 'distributions'>, classes: number): Example[] {
  const { probabilities } = distributions;
  const examples = samples.map((sample, picture): Example => {
    const row = probabilities.subarray(picture * classes, (picture + 1) * classes);
    const predicted = likeliest(row);
    return { sample, predicted, probability: row[predicted]! };
  });
  const surest = (candidates: readonly Example[]): Example[] =>
    candidates.toSorted((a, b) => b.probability - a.probability).slice(0, 1);
  return Array.from({ length: classes }, (_, label) => examples.filter(({ sample }) => sample.label === label)).flatMap((own) => [
    ...surest(own.filter(({ sample, predicted }) => predicted === sample.label)),
    ...surest(own.filter(({ sample, predicted }) => predicted !== sample.label)),
  ]);
}

/** The section with the heat maps of a part. */
export async function heatMapSection({ run, classes }: MeasuredRun, part: ReportedPart): Promise<Section> {
  const explainer = await openExplainer({ model: run.path });
  const pictures: CaptionedPicture[] = [];
  try {
    for (const example of examplesOf(part, classes.length)) {
      try {
        pictures.push(await explained(explainer, example, classes));
      } catch (error) {
        // It was there when it was measured. A report does without.
        if (!(error instanceof PictureError)) throw error;
      }
    }
  } finally {
    await explainer.dispose();
  }
  return {
    title: 'Heat maps',
    blocks: [
      text(
        `Where the network finds what speaks for the band that it names: ${METHOD_NAMES[explainer.method]} at ${explainer.layer}, ` +
          'from dark (nothing) over red to pale yellow (the strongest place of each picture). Of each band, the picture that was ' +
          'put there most surely, and that which was most surely put elsewhere.',
      ),
      { kind: 'pictures', pictures },
    ],
  };
}

async function explained(explainer: PictureExplainer, { sample, predicted, probability }: Example, classes: readonly string[]): Promise<CaptionedPicture> {
  const [label, named] = [classes[sample.label]!, classes[predicted]!];
  const side = explainer.imageSize;
  const { map, isEmpty } = await explainer.explainInput(await decodePicture(sample.file, { width: side, height: side }), named);
  const picture = await thumbnailOf(sample.file);
  const verdict = predicted === sample.label ? `${label}, right (${percent(probability)})` : `${label} taken for ${named} (${percent(probability)})`;
  return {
    views: [
      { image: await imageOf(picture), description: `A face of the band ${label}` },
      { image: await imageOf(overlayMap(picture, map)), description: `The same, with what speaks for ${named}` },
    ],
    caption: [verdict, ...(isEmpty ? [`nothing in it speaks for ${named}`] : []), basename(sample.file)],
  };
}
