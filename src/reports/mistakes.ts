import { basename } from 'node:path';
import { PictureError } from '../base/errors.js';
import type { Mistake } from '../evaluation/judge.js';
import type { Block, CaptionedPicture } from './document.js';
import { table, text } from './document.js';
import { percent } from './format.js';
import { imageOf, thumbnailOf } from './thumbnails.js';

/** The worst mistakes: with their pictures, or as a list. */
export async function mistakesBlocks(mistakes: readonly Mistake[], pictures: boolean): Promise<Block[]> {
  if (mistakes.length === 0) return [text('There are none: every picture was put into its band.')];
  const start = text('The pictures whose true band was given the least probability.');
  if (!pictures) {
    const rows = mistakes.map(({ file, label, predicted, probability, labelProbability }) => [
      ...[basename(file), label, percent(labelProbability), predicted, percent(probability)],
    ]);
    return [start, table('Worst mistakes', ['Picture', 'True band', 'given', 'Taken for', 'with'], rows)];
  }
  const shown: CaptionedPicture[] = [];
  // One after the other, since whole photos are large.
  for (const mistake of mistakes) shown.push(await captioned(mistake));
  return [start, { kind: 'pictures', pictures: shown }];
}

async function captioned({ file, label, predicted, probability, labelProbability }: Mistake): Promise<CaptionedPicture> {
  const caption = [`${label} taken for ${predicted} (${percent(probability)})`, `${label} was given ${percent(labelProbability)}`, basename(file)];
  try {
    const image = await imageOf(await thumbnailOf(file));
    return { views: [{ image, description: `A face of the band ${label}` }], caption };
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return { views: [], caption };
  }
}
