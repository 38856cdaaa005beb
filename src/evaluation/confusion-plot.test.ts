import { expect, it } from 'vitest';
import { confusionSpec } from './confusion-plot.js';
import { computeMetrics } from './metrics.js';
import { renderSvg } from './plots.js';

const textsOf = (svg: string): string[] => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text!);

it('shows share and number of each cell, and a dash where a class does not occur', async () => {
  const probabilities = Float32Array.of(...[1, 0, 0], ...[1, 0, 0], ...[0, 1, 0], ...[0, 0, 1]);
  const metrics = computeMetrics(probabilities, Int32Array.of(0, 0, 0, 2), ['0-2', '4-6', '60+']);
  const svg = await renderSvg(confusionSpec(metrics));
  const texts = textsOf(svg);
  expect(texts).toEqual(expect.arrayContaining(['Confusion', 'true band', 'predicted band']));
  expect(texts.filter((text) => /%$/.test(text))).toEqual(['67 %', '33 %', '0 %', '0 %', '0 %', '100 %']);
  expect(texts.filter((text) => text === '–')).toHaveLength(3);
  expect(texts.filter((text) => /^\d$/.test(text))).toEqual(['2', '1', '0', '0', '0', '0', '0', '0', '1']);
  expect(svg).not.toMatch(/NaN|undefined/);
  // On dark cells the text is white.
  expect([...svg.matchAll(/fill="white"[^>]*>([^<]+)</g)].map(([, text]) => text)).toEqual(['67 %', '100 %', '2', '1']);
});
