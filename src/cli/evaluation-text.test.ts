import { expect, it } from 'vitest';
import type { Evaluation } from '../evaluation/evaluate.js';
import { evaluationText } from './evaluation-text.js';

const evaluation: Evaluation = {
  split: 'test',
  pictures: 1234,
  loss: 1.5,
  accuracy: 0.45678,
  oneOff: 0.9,
  majority: 0.25,
  perClass: [
    { name: '0-2', precision: 0.5, recall: 1, f1: 2 / 3, support: 1234 },
    { name: '60+', precision: 0, recall: null, f1: null, support: 0 },
  ],
  confusion: [
    [617, 617],
    [0, 0],
  ],
  problems: [],
  balancedAccuracy: 0.5,
  meanClassError: 0.75,
  calibration: { error: 0.0625, bins: [] },
  intervals: null,
  subjects: 1234,
  ageError: null,
  worstMistakes: [],
  leaks: null,
};

it('prints the figures as tables and a dash for an undefined score', () => {
  const text = evaluationText(evaluation);
  expect(text.split('\n')).toEqual([
    'test: 1,234 pictures',
    'loss                 1.5000',
    'accuracy             0.4568 (always naming the most frequent band: 0.2500)',
    'one-off accuracy     0.9000',
    'balanced accuracy    0.5000',
    'mean error in bands  0.7500',
    'calibration error    0.0625',
    '',
    '           precision    recall        f1  pictures',
    '       0-2     0.500     1.000     0.667      1234',
    '       60+     0.000         -         -         0',
    '',
    'Confusion (rows: true band, columns: predicted band)',
    '                 0-2       60+',
    '       0-2       617       617',
    '       60+         0         0',
  ]);
});

it('prints intervals, years, leaks and the worst mistakes where there are any', () => {
  const interval = { low: 0.125, high: 0.875 };
  const text = evaluationText({
    ...evaluation,
    subjects: 77,
    intervals: { loss: interval, accuracy: interval, oneOff: interval, balancedAccuracy: interval, meanClassError: interval },
    ageError: { years: 5.25, pictures: 1 },
    leaks: { groups: 1, ofGroups: 77, pictures: 3, ofPictures: 1234 },
    worstMistakes: [{ file: '/a.jpg', label: '0-2', predicted: '60+', probability: 0.9375, labelProbability: 0 }],
  });
  expect(text).toContain('test: 1,234 pictures of 77 subjects\nWarning: 1 of 77 subjects (3 of 1,234 pictures) are also in train');
  expect(text).toContain('accuracy             0.4568  [0.1250, 0.8750] (always naming');
  expect(text).toContain('mean error in years  5.25 (1 picture of known age)');
  expect(text).toMatch(/Worst mistakes\n {2}0-2 taken for 60\+ \(0\.938\): \/a\.jpg$/);
});
