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
  age: null,
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

it('tells the age, and each of several faces', () => {
  const box = { left: 0, top: 0, width: 9, height: 9 };
  const face = { box, band: '25-32', probabilities: [], age: { expected: 28.4, from: 25, to: 43 } };
  const old = { ...face, band: '60+', age: { expected: 70, from: 60, to: null } };
  const lines = (faces: (typeof face | typeof old)[]) => predictionText({ ...prediction, faces }, new PassThrough()).split('\n');
  expect(lines([face])).toEqual(['anna.jpg: 25-32, about 28 years, likely 25 to 43']);
  expect(lines([face, old])).toEqual([
    'anna.jpg, face 1 of 2: 25-32, about 28 years, likely 25 to 43',
    'anna.jpg, face 2 of 2: 60+, about 70 years, likely 60 or older',
  ]);
  expect(lines([{ ...old, age: { expected: 30, from: 0, to: null } }])[0]).toMatch(/, but likely any age$/);
  expect(lines([])[0]).toBe('anna.jpg, no face found, as a whole: 25-32');
});
