import { expect, it } from 'vitest';
import { computeCalibration } from './calibration.js';
import { renderSvg } from './plots.js';
import { reliabilitySpec } from './reliability-plot.js';

const textsOf = (svg: string): string[] => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text!);

it('draws a bar as high as the accuracy of each bin, and its distance to the confidence', async () => {
  // Of four bins the third has confidence 0.625 and accuracy 1, the fourth 0.875 and 0.5.
  const probabilities = Float32Array.of(...[0.875, 0.125], ...[0.875, 0.125], ...[0.375, 0.625], ...[0.625, 0.375]);
  const calibration = computeCalibration(probabilities, Int32Array.of(0, 1, 1, 0), 4);
  const svg = await renderSvg(reliabilitySpec(calibration));
  // The plot is 300 × 300; y counts downwards.
  expect(svg).toContain('d="M151,0h74v300h-74Z"');
  expect(svg).toContain('d="M226,150h74v150h-74Z"');
  expect(svg).toContain('transform="translate(187.5,0)" x2="0" y2="112.5"');
  expect(svg).toContain('transform="translate(262.5,150)" x2="0" y2="-112.5"');
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['Reliability', 'confidence', 'accuracy', 'pictures']));
  expect(svg).toContain('calibration error 37.5 %,');
});

it('draws a single picture', async () => {
  const svg = await renderSvg(reliabilitySpec(computeCalibration(Float32Array.of(1, 0), Int32Array.of(0))));
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
