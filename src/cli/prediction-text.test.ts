import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { predictionText } from './prediction-text.js';
import type { Output } from './style.js';

const prediction = {
  file: 'anna.jpg',
  band: '25-32',
  probabilities: [
    { band: '0-2', probability: 0.0004 },
    { band: '25-32', probability: 0.75 },
    { band: '60+', probability: 0.2496 },
  ],
};

it('shows the band and a bar for each probability', () => {
  expect(predictionText(prediction, new PassThrough()).split('\n')).toEqual([
    'anna.jpg: 25-32',
    '    0-2    0.0 %',
    `  25-32   75.0 %  ${'█'.repeat(22)}▌`,
    `    60+   25.0 %  ${'█'.repeat(7)}▌`,
  ]);
});

it('sets the band off on a terminal that shows styles', () => {
  const terminal: Output = Object.assign(new PassThrough(), { hasColors: () => true });
  const lines = predictionText(prediction, terminal).split('\n');
  expect(lines.map((line) => line.startsWith('\u001b[1m'))).toEqual([false, false, true, false]);
});
