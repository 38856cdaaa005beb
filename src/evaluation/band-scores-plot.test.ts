import { expect, it } from 'vitest';
import { bandScoresSpec } from './band-scores-plot.js';
import { renderSvg } from './plots.js';

it('draws the three scores of each class with its pictures, and dashes for what is not defined', async () => {
  const svg = await renderSvg(
    bandScoresSpec([
      { name: '0-2', precision: 0.5, recall: 1, f1: 2 / 3, support: 1234 },
      { name: '60+', precision: null, recall: null, f1: null, support: 0 },
    ]),
  );
  const texts = [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text!);
  expect(texts).toEqual(expect.arrayContaining(['0-2', '60+', '1,234 pictures', '0 pictures', 'precision', 'recall', 'F1']));
  expect(texts.filter((text) => /^(\d+|–)$/.test(text))).toEqual(['50', '100', '67', '–', '–', '–']);
  // The plot is 240 high: bars of 120, 240 and 160.
  for (const height of [120, 240, 160]) expect(svg).toMatch(new RegExp(`v${height}h-`));
});
