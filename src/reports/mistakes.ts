import { basename } from 'node:path';
import type { Mistake } from '../evaluation/judge.js';
import type { Block, CaptionedPicture } from './document.js';
import { table, text } from './document.js';
import { percent } from './format.js';
import { thumbnailOf } from './thumbnails.js';

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
  const shown = await Promise.all(mistakes.map(captioned));
  return [start, { kind: 'pictures', pictures: shown }];
}

async function captioned({ file, label, predicted, probability, labelProbability }: Mistake): Promise<CaptionedPicture> {
  const image = await thumbnailOf(file);
  return {
    views: image === undefined ? [] : [{ image, description: `A face of the band ${label}` }],
    caption: [`${label} taken for ${predicted} (${percent(probability)})`, `${label} was given ${percent(labelProbability)}`, basename(file)],
  };
}
